import { setInterval } from 'node:timers/promises'

/** Polls the status of the functions while the page is open, and reports changes. */
export function watchStatus(
  url: string,
  options: { everyMilliseconds: number; isWatched: () => boolean; onStatus: (report: string) => void },
) {
  const stopping = new AbortController()
  let last = ''
  const running = (async () => {
    for await (const _ of setInterval(options.everyMilliseconds, undefined, { signal: stopping.signal })) {
      if (!options.isWatched()) continue
      const response = await fetch(`${url}/api/status`, { signal: stopping.signal })
      const report = await response.text()
      if (report !== last) options.onStatus(report)
      last = report
    }
  })().catch((error: unknown) => {
    if (!stopping.signal.aborted) throw error
  })
  return {
    async stop() {
      stopping.abort()
      await running
    },
  }
}
