/**
 * Remembers names at 16 bytes each, 32 on average with the room to grow, however long they are: by a hash of 126 bits, so
 * that among a billion names two are taken for one with a probability of 10^-20.
 */

/** What a name has been taken for. */
export type Kind = "file" | "folder"

const file = 1
const folder = 2

/** How full the table may become. */
const load = 0.7

/**
 * Four lanes of 32 bits, as cyrb128 by bryc (public domain) mixes them, from a random beginning: whoever chooses the names
 * does not choose where they meet.
 */
const hash = (name: string, seed: Uint32Array, into: Uint32Array): void => {
  let [a = 0, b = 0, c = 0, d = 0] = seed
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i)
    a = b ^ Math.imul(a ^ unit, 597399067)
    b = c ^ Math.imul(b ^ unit, 2869860233)
    c = d ^ Math.imul(c ^ unit, 951274213)
    d = a ^ Math.imul(d ^ unit, 2716044179)
  }
  a = Math.imul(c ^ (a >>> 18), 597399067)
  b = Math.imul(d ^ (b >>> 22), 2869860233)
  c = Math.imul(a ^ (c >>> 17), 951274213)
  d = Math.imul(b ^ (d >>> 19), 2716044179)
  a ^= b ^ c ^ d
  into[0] = a
  into[1] = b ^ a
  into[2] = c ^ a
  into[3] = d ^ a
}

export class NameSet {
  /** Four lanes for each place; the lowest two bits of the last are the kind, 0 where the place is free. */
  #table: Uint32Array
  #places: number
  #taken = 0
  readonly #hash = new Uint32Array(4)
  readonly #seed = Uint32Array.from({ length: 4 }, () => Math.random() * 2 ** 32)

  constructor(places = 1024) {
    this.#places = places
    this.#table = new Uint32Array(places * 4)
  }

  get(name: string): Kind | undefined {
    hash(name, this.#seed, this.#hash)
    const kind = (this.#table[this.#find() + 3] as number) & 3
    return kind === 0 ? undefined : kind === file ? "file" : "folder"
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  set(name: string, kind: Kind): void {
    hash(name, this.#seed, this.#hash)
    const at = this.#find()
    const isNew = this.#table[at + 3] === 0
    this.#write(at, kind === "file" ? file : folder)
    if (isNew && ++this.#taken > this.#places * load) this.#grow()
  }

  #write(at: number, kind: number): void {
    const [a = 0, b = 0, c = 0, d = 0] = this.#hash
    this.#table[at] = a
    this.#table[at + 1] = b
    this.#table[at + 2] = c
    this.#table[at + 3] = (d & ~3) | kind
  }

  /** Where the name of `#hash` is, or would be. */
  #find(): number {
    const table = this.#table
    const [a = 0, b = 0, c = 0, d = 0] = this.#hash
    for (let place = a % this.#places; ; place = (place + 1) % this.#places) {
      const at = place * 4
      const last = table[at + 3] as number
      if (last === 0) return at
      if (table[at] === a && table[at + 1] === b && table[at + 2] === c && (last ^ d) >>> 2 === 0) return at
    }
  }

  #grow(): void {
    const before = this.#table
    this.#places *= 2
    this.#table = new Uint32Array(this.#places * 4)
    for (let at = 0; at < before.length; at += 4) {
      const kind = (before[at + 3] as number) & 3
      if (kind === 0) continue
      this.#hash.set(before.subarray(at, at + 4))
      this.#write(this.#find(), kind)
    }
  }
}
