/** The difference between the service's clock and ours, learned from a rejected signature. One for each client. */

export interface ClockSkew {
  /** In ms, to be added to our time. */
  readonly offset: () => number
  /**
   * Learns the service's time. Whether a signature with the new time may be accepted, given the offset that the rejected
   * one was made with: `false` where the clocks agree, so that something else is wrong.
   */
  readonly learn: (serverTime: Date | undefined, now: number, usedOffset: number) => boolean
}

/** A smaller difference is not the reason of a rejection. In ms. */
const tolerance = 30_000

export const make = (): ClockSkew => {
  let offset = 0
  return {
    offset: () => offset,
    learn: (serverTime, now, usedOffset) => {
      // Another fiber has corrected it meanwhile.
      if (offset !== usedOffset) return true
      if (serverTime === undefined) return false
      const found = serverTime.getTime() - now
      if (Math.abs(found - offset) < tolerance) return false
      offset = found
      return true
    }
  }
}
