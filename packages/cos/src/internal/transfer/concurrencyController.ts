/**
 * Finds how many requests are worth making at once. It knows no clock and starts nothing: `concurrencyGate` tells it
 * what begins and ends, and when.
 *
 * A limit is compared with another by throughput. Requests differ in size, so what is measured is how long they take, each
 * compared with those of its size class at the limit before: with twice as many at once and the same time for each, twice
 * as much is done; with twice the time, nothing is won.
 */

export interface Bounds {
  /** What falls end at. */
  readonly least: number
  /** Fewer than that are not tried for throughput alone, since little is to be saved. */
  readonly start: number
  readonly most: number
}

/** A request under way. */
export interface Begun {
  readonly at: number
  /** The limit that was tried then, by number. */
  readonly trial: number
}

/** Why there must be fewer: `Throttled` by the service, no answer in time, or out of `Descriptors`. */
export type Congestion = "Throttled" | "Timeout" | "Descriptors"

/** Looking at the limit that is in force, or trying another one instead of `from`. */
type State = { readonly _tag: "Hold"; readonly looks: number } | { readonly _tag: "Trial"; readonly from: number }

/** A look lasts at least so long, in ms: a pause of the garbage collector is no trend. */
const shortestLook = { first: 25, later: 100 }

/** Times as many must do at least this power of it, so that four times as many do 1.3 times as much. */
const worth = 0.2
/** Fewer may do less by this power. */
const loss = 0.15

/** `size`: the limit that is tried, as a multiple of the one before; `growth`: the throughput likewise. */
const isWorth = (size: number, growth: number): boolean => growth >= size ** (size > 1 ? worth : loss)

/**
 * By how much more are tried: at first, where something has changed since more were not worth it, after that, and after a
 * fall. Then by how many fewer.
 */
const [fastest, anew, careful, gentle] = [4, 2, 1.4, 1.25]
const fewer = 0.7

/** Where more do less than this power more, nothing is won: fewer may do as much. */
const nothing = 1.02

/**
 * How requests at the same limit change until another one is tried. They take longer: there is a queue, or the way is
 * longer. They take less: the process is no longer cold, and has time for more.
 */
const [longer, shorter] = [1.8, 0.85]

/** While requests take so many times what they took a look ago, nothing can be compared with that. */
const unstable = 1.3

/**
 * Requests that take longer than this, in ms, are busy with their bytes. More of them are tried carefully, and in the end
 * not at all, since what has begun goes on, and a slow link shared by too many would let all of them time out.
 */
const [slow, slowest] = [1_000, 10_000]

/** What is left of the limit after a fall. */
const left = { Throttled: 0.75, Timeout: 0.5, Descriptors: 0.75, soon: 0.5 } as const

/** Looks until the next trial, which double with each that fails, up to this. To try more costs little. */
const longestHold = { more: 4, fewer: 16 }

/** How long, in ms, a limit that was throttled is not tried again; doubled with each repetition, up to the second. */
const [firstBan, longestBan] = [5_000, 60_000]

class Mean {
  count = 0
  sum = 0
}

/** Requests of the same power of two of bytes are alike. */
const classOf = (bytes: number): number => (bytes < 1024 ? 0 : Math.floor(Math.log2(bytes)))

export class ConcurrencyController {
  #limit: number
  #state: State = { _tag: "Hold", looks: 1 }
  #trial = 0
  #falls = 0
  /** Without a look in between. */
  #fallsInARow = 0
  /** Times of requests at the limit that others are compared with, by size class. */
  #expected = new Map<number, number>()
  #measured = new Map<number, Mean>()
  #count = 0
  /** Milliseconds that requests took at the last look. */
  #mean = 0
  #since: number | undefined
  #factor = fastest
  #hold = 1
  #triesFewer = false
  /** How many times what they took when more were not worth it requests take now. */
  #drift = 1
  /** What throttled, until when nothing like it is tried. */
  #ban = { limit: Number.POSITIVE_INFINITY, until: 0, length: firstBan }
  #most: number

  constructor(readonly bounds: Bounds) {
    this.#limit = bounds.start
    this.#most = bounds.most
  }

  get limit(): number {
    return this.#limit
  }

  /** Lower than the bound where the process ran out of file descriptors. */
  get most(): number {
    return this.#most
  }

  /** How often there had to be fewer. */
  get falls(): number {
    return this.#falls
  }

  begin(now: number): Begun {
    this.#since ??= now
    return { at: now, trial: this.#trial }
  }

  /** A request has succeeded. `isLimited`: others wait for their turn. */
  end({ at, trial }: Begun, now: number, bytes: number, isLimited: () => boolean): void {
    // Those that began at another limit tell nothing of this one.
    if (trial !== this.#trial) return
    const kind = classOf(bytes)
    let mean = this.#measured.get(kind)
    if (mean === undefined) {
      mean = new Mean()
      this.#measured.set(kind, mean)
    }
    mean.count += 1
    mean.sum += Math.max(0.1, now - at)
    this.#count += 1
    if (this.#count < this.#needed() || now - (this.#since ?? now) < this.#shortest) return
    this.#decide(now, isLimited())
    this.#measured = new Map()
    this.#count = 0
    this.#since = now
  }

  /** There must be fewer. What began before the last fall, at fewer `falls`, is answered by that one. */
  congested(falls: number, now: number, why: Congestion): void {
    if (falls !== this.#falls) return
    this.#falls += 1
    const before = this.#limit
    const safe = this.#state._tag === "Trial" && this.#state.from < before ? this.#state.from : before
    const next = Math.min(safe, Math.floor(before * (this.#fallsInARow > 1 ? left.soon : left[why])))
    this.#fallsInARow += 1
    if (why === "Descriptors") this.#most = Math.max(this.bounds.least, Math.min(this.#most, next))
    if (why === "Throttled") {
      const isRepeated = now >= this.#ban.until && before >= this.#ban.limit * 0.75
      const length = isRepeated ? Math.min(longestBan, this.#ban.length * 2) : firstBan
      this.#ban = { limit: before, until: now + length, length }
    }
    this.#expected = new Map()
    this.#factor = gentle
    this.#triesFewer = false
    this.#set(next)
    this.#pause(2)
  }

  #needed(): number {
    return Math.max(8, this.#factor === fastest ? this.#limit : 2 * this.#limit)
  }

  get #shortest(): number {
    return this.#factor === fastest ? shortestLook.first : shortestLook.later
  }

  #set(limit: number): void {
    this.#limit = Math.max(this.bounds.least, Math.min(this.#most, Math.round(limit)))
    this.#trial += 1
    this.#measured = new Map()
    this.#count = 0
    this.#since = undefined
  }

  #pause(looks: number): void {
    this.#state = { _tag: "Hold", looks }
  }

  /** How many times longer requests took than expected, or `undefined` where too few can be compared. */
  #slowdown(): number | undefined {
    let took = 0
    let expected = 0
    let count = 0
    for (const [kind, mean] of this.#measured) {
      const time = this.#expected.get(kind)
      if (time === undefined) continue
      took += mean.sum
      expected += mean.count * time
      count += mean.count
    }
    return count * 2 < this.#count ? undefined : took / expected
  }

  /** From now on these times are expected. Those of other sizes have changed likewise. */
  #learn(slowdown = 1, most = 1): void {
    this.#drift *= slowdown
    for (const [kind, time] of this.#expected) this.#expected.set(kind, time * slowdown)
    for (const [kind, { count, sum }] of this.#measured) {
      const known = this.#expected.get(kind)
      // A few are worth little where more is known.
      const weight = known === undefined ? 1 : (most * count) / (count + 4)
      this.#expected.set(kind, (sum / count) * weight + (known ?? 0) * (1 - weight))
    }
  }

  #decide(now: number, isLimited: boolean): void {
    this.#fallsInARow = 0
    const slowdown = this.#slowdown()
    this.#mean = Array.from(this.#measured.values()).reduce((sum, mean) => sum + mean.sum, 0) / this.#count
    if (this.#state._tag === "Hold") this.#look(this.#state.looks, slowdown ?? 1, now, isLimited)
    else this.#judge(this.#state.from, slowdown, now, isLimited)
  }

  /** Keeps the limit that is tried, or goes back. */
  #judge(from: number, slowdown: number | undefined, now: number, isLimited: boolean): void {
    const size = this.#limit / from
    if (!isLimited) {
      this.#set(from)
      this.#pause(1)
    } else if (slowdown === undefined) {
      this.#learn()
      this.#pause(1)
    } else if (isWorth(size, size / slowdown)) {
      this.#learn(slowdown)
      this.#drift = 1
      this.#hold = 1
      if (size > 1) this.#factor = Math.min(fastest, this.#factor * gentle)
      this.#tryNext(now)
    } else if (size > 1) this.#refuseMore(from, size / slowdown)
    else this.#refuseFewer(from, size / slowdown)
  }

  #refuseMore(from: number, growth: number): void {
    const isFar = this.#factor >= anew
    // What a much larger limit has won could have been had with so many.
    const enough = Math.min(this.#limit, Math.round(from * Math.max(1, growth)))
    this.#goBack(isFar ? enough : from, careful, isFar ? 1 : Math.min(longestHold.more, this.#hold * 2))
    this.#triesFewer = growth < nothing
  }

  #refuseFewer(from: number, growth: number): void {
    // They do as much less: it is the way that takes its time, not a queue, and more may do more.
    const isLong = growth < Math.sqrt(this.#limit / from)
    if (isLong) this.#goBack(from, anew, 1)
    else this.#goBack(from, careful, Math.min(longestHold.fewer, this.#hold * 2))
  }

  #goBack(limit: number, factor: number, looks: number): void {
    this.#set(limit)
    this.#drift = 1
    this.#factor = factor
    this.#triesFewer = false
    this.#hold = looks
    this.#pause(looks)
  }

  #look(looks: number, slowdown: number, now: number, isLimited: boolean): void {
    // Half of it is believed, since a look is short.
    this.#learn((1 + slowdown) / 2, 0.5)
    const hasChanged = this.#drift >= longer || this.#drift <= shorter
    if (isLimited && hasChanged) {
      this.#triesFewer = this.#drift >= longer
      this.#factor = Math.max(this.#factor, anew)
      this.#drift = 1
      this.#tryNext(now)
    } else if (looks > 1) this.#pause(looks - 1)
    else if (isLimited && slowdown < unstable) this.#tryNext(now)
  }

  #tryNext(now: number): void {
    const roof = now < this.#ban.until ? this.#ban.limit : Number.POSITIVE_INFINITY
    const factor = this.#mean > slow ? gentle : this.#factor
    const more = Math.min(this.#most, Math.max(this.#limit + 1, Math.round(this.#limit * factor)))
    // Halfway to what was throttled, not to it.
    const allowed = more < roof ? more : Math.floor((this.#limit + roof) / 2)
    const larger = this.#mean > slowest ? this.#limit : allowed
    const smaller = Math.max(Math.min(this.bounds.start, this.#limit), Math.floor(this.#limit * fewer))
    const limit = this.#triesFewer && smaller < this.#limit ? smaller : larger
    if (limit === this.#limit || limit < this.bounds.least || limit >= roof) this.#pause(longestHold.fewer)
    else {
      this.#state = { _tag: "Trial", from: this.#limit }
      this.#set(limit)
    }
  }
}
