/**
 * Counts how often each key has come up lately, forgetting the oldest: keys that recur (messages of the same minute)
 * lie close together in a chat, so memory need not grow with the file.
 */
export class Recurrence {
  readonly #counts = new Map<string, number>()
  readonly #size: number

  constructor(size = 10_000) {
    this.#size = size
  }

  /** How often `key` came up before. */
  next(key: string): number {
    const before = this.#counts.get(key) ?? 0
    this.#counts.delete(key)
    this.#counts.set(key, before + 1)
    if (this.#counts.size > this.#size) {
      const oldest = this.#counts.keys().next().value
      if (oldest !== undefined) this.#counts.delete(oldest)
    }
    return before
  }
}
