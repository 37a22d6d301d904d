/** The result, and whether this call did the work (`isOwn`) or waited for another call that was already doing it. */
export type Shared<T> = { result: T; isOwn: boolean }

/**
 * Makes a function that runs work once for concurrent calls with the same key: the later calls wait for the first. So many notifications
 * at once open one connection, not one each.
 */
export function singleFlight<K, T>(): (key: K, work: () => Promise<T>) => Promise<Shared<T>> {
  const underWay = new Map<K, Promise<T>>()
  return async (key, work) => {
    const others = underWay.get(key)
    if (others) return { result: await others, isOwn: false }
    const own = work().finally(() => underWay.delete(key))
    underWay.set(key, own)
    return { result: await own, isOwn: true }
  }
}
