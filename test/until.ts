import { setTimeout } from 'node:timers/promises'

/**
 * Asks again and again until the answer is one that counts (anything but undefined, null and false), and returns it.
 * Gives up after a minute, which is far longer than anything here takes, and says what for; as a function, with what was seen last.
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
