import type { LoopEvent } from '../loop-event.ts'
import type { PageSetup } from './page-event.ts'
import { servePage } from './serve-page.ts'
import { createStory } from './story.ts'
import type { ThingsToTry } from './things-to-try.ts'
import { watchStatus } from './watch-status.ts'

/** A page that tells what happens in the loop, and on which one can do something to it. */
export function createPage(setup: PageSetup, things: ThingsToTry, now: () => number) {
  const story = createStory(now)

  const tell = (thing: string, message: string) => story.add({ kind: 'tried', thing, message, things: things.states() })

  async function attempt(thing: string) {
    const message = await things.attempt(thing)
    if (message !== undefined) tell(thing, message)
    return message
  }

  return {
    beside: servePage({ story, setup, things: things.states, attempt }),
    hear(event: LoopEvent) {
      story.add(event)
      things.hear(event).then(
        (done) => done && tell(done.thing, done.message),
        (error: unknown) => story.add({ kind: 'trouble', message: `a thing to try failed: ${String(error)}` }),
      )
    },
    /** Asks the functions at this address for their status while somebody looks at the page. */
    watchStatus: (url: string) =>
      watchStatus(url, {
        everyMilliseconds: 30_000 / setup.speed,
        isWatched: story.hasListeners,
        onStatus: (report) => story.add({ kind: 'status', report }),
      }),
  }
}
