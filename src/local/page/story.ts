import type { PageEvent, StoryEvent } from './page-event.ts'

/** Workers are seen four times a minute of the cluster's time: two days of it. */
const longest = 12_000

export type Story = ReturnType<typeof createStory>

/** Keeps what has happened, so that who comes later sees it too. */
export function createStory(now: () => number) {
  let events: StoryEvent[] = []
  let nextId = 1
  const listeners = new Set<(event: StoryEvent) => void>()
  return {
    add(event: PageEvent) {
      const told = { id: nextId++, at: now(), event }
      events.push(told)
      if (events.length > longest * 1.1) events = events.slice(-longest)
      for (const listener of listeners) listener(told)
    },
    /** Tells what has come after that event, and goes on until the returned function is called. */
    listen(after: number, listener: (event: StoryEvent) => void): () => void {
      for (const event of events) if (event.id > after) listener(event)
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    hasListeners: () => listeners.size > 0,
  }
}
