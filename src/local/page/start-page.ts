import type { LoopEvent } from '../loop-event.ts'
import type { PageSetup } from './page-event.ts'
import { servePage } from './serve-page.ts'
import { createEventLog } from './event-log.ts'
import type { ThingsToTry } from './things-to-try.ts'
import { watchStatus } from './watch-status.ts'

/** The page that shows the loop and has the things to try. */
export function createPage(setup: PageSetup, things: ThingsToTry, now: () => number) {
  const log = createEventLog(now)

  const tell = (thing: string, message: string) => log.add({ kind: 'tried', thing, message, things: things.states() })

  async function attempt(thing: string) {
    const message = await things.attempt(thing)
    if (message !== undefined) tell(thing, message)
    return message
  }

  return {
    beside: servePage({ log, setup, things: things.states, attempt }),
    hear(event: LoopEvent) {
      log.add(event)
      things.hear(event).then(
        (done) => done && tell(done.thing, done.message),
        (error: unknown) => log.add({ kind: 'trouble', message: `a thing to try failed: ${String(error)}` }),
      )
    },
    /** Polls the status of the functions at this address while the page is open. */
    watchStatus: (url: string) =>
      watchStatus(url, {
        everyMilliseconds: 30_000 / setup.speed,
        isWatched: log.hasListeners,
        onStatus: (report) => log.add({ kind: 'status', report }),
      }),
  }
}
