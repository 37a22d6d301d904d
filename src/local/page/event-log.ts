import type { PageEvent, LoggedEvent } from './page-event.ts'

/** Two days of the loop's clock, with four samples per minute. */
const longest = 12_000

export type EventLog = ReturnType<typeof createEventLog>

/** Keeps the events, so that a page opened later shows them too. */
export function createEventLog(now: () => number) {
  let events: LoggedEvent[] = []
  let nextId = 1
  const listeners = new Set<(event: LoggedEvent) => void>()
  return {
    add(event: PageEvent) {
      const logged = { id: nextId++, at: now(), event }
      events.push(logged)
      if (events.length > longest * 1.1) events = events.slice(-longest)
      for (const listener of listeners) listener(logged)
    },
    /** Calls the listener with all events after that one, and with new ones until the returned function is called. */
    listen(after: number, listener: (event: LoggedEvent) => void): () => void {
      for (const event of events) if (event.id > after) listener(event)
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    hasListeners: () => listeners.size > 0,
  }
}
