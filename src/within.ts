/** Thrown by `within` when the time is up. */
export class TimeUp extends Error {
  override readonly name = 'TimeUp'
  readonly code = 'TIME_UP'
}

/** By its code: the minifier renames the class, and the bundle's files may each have one of their own. */
export const isTimeUp = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'TIME_UP'

/**
 * Runs work for a bounded time. At its end the signal aborts and the promise rejects with `TimeUp` at once, whether or not the work
 * heeds the signal: an answer must come in time whatever an upstream does.
 */
export async function within<T>(milliseconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const timeUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new TimeUp(`no answer within ${milliseconds / 1000} s`)
      reject(error)
      controller.abort(error)
    }, milliseconds)
  })
  try {
    return await Promise.race([work(controller.signal), timeUp])
  } finally {
    clearTimeout(timer)
  }
}
