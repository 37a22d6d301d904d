/** Thrown by `within` when the time is up; recognised by its code, since the build renames classes. */
class TimeUp extends Error {
  readonly code = 'TIME_UP'
}

export const isTimeUp = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && error.code === 'TIME_UP'

/**
 * Runs work with a time limit. When it is reached, the signal aborts and the promise rejects at once (see `isTimeUp`), even if the work
 * ignores the signal: the request must be answered in time whatever an upstream does.
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
