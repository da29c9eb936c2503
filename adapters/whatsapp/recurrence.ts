/**
 * Counts how often each key has come up lately, forgetting old ones: keys that recur (messages of the same minute)
 * lie close together in a chat, so memory need not grow with the file. Two generations, the older dropped whole.
 */
export class Recurrence {
  readonly #size: number
  #young = new Map<string, number>()
  #old = new Map<string, number>()

  /** @param size keys remembered at least */
  constructor(size = 10_000) {
    this.#size = size
  }

  /** How often `key` came up before. */
  next(key: string): number {
    const before = this.#young.get(key) ?? this.#old.get(key) ?? 0
    this.#young.set(key, before + 1)
    if (this.#young.size >= this.#size) {
      this.#old = this.#young
      this.#young = new Map()
    }
    return before
  }
}
