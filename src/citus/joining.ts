/** What came of some work, and whether it was another's that was under way already. */
export type Joined<T> = { result: T; isOwn: boolean }

/**
 * Makes a function that does work unless the same, by its key, is under way in this process: then it waits for that. A flood of
 * notifications thereby opens one connection and not one each.
 */
export function joining<K, T>(): (key: K, work: () => Promise<T>) => Promise<Joined<T>> {
  const underWay = new Map<K, Promise<T>>()
  return async (key, work) => {
    const others = underWay.get(key)
    if (others) return { result: await others, isOwn: false }
    const own = work().finally(() => underWay.delete(key))
    underWay.set(key, own)
    return { result: await own, isOwn: true }
  }
}
