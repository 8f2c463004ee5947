/** Bounds the load that retries add during an outage. All fibers of one client share it. */

export interface RetryBudget {
  /** Takes one retry; `false` if none is left. */
  readonly take: () => boolean
  /** A success earns a tenth of a retry. */
  readonly earn: () => void
}

const earnedBySuccess = 0.1

export const make = (size: number): RetryBudget => {
  let left = size
  return {
    take: () => {
      if (left < 1) return false
      left -= 1
      return true
    },
    earn: () => {
      left = Math.min(size, left + earnedBySuccess)
    }
  }
}
