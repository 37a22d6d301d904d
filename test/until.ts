import { setTimeout } from 'node:timers/promises'

/**
 * Repeats `ask` until its answer is not undefined, null or false, and returns that. After a minute, far longer than anything here takes, it
 * throws an error with `what` it waited for; a function can add what it saw last.
 */
export async function until<T>(
  what: string | (() => string),
  ask: () => Promise<T | undefined | null | false>,
): Promise<T> {
  const end = Date.now() + 60_000
  while (Date.now() < end) {
    const answer = await ask()
    if (answer !== undefined && answer !== null && answer !== false) return answer
    await setTimeout(50)
  }
  throw new Error(`gave up after a minute: ${typeof what === 'string' ? what : what()}`)
}
