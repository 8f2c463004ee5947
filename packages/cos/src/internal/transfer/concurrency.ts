/** How many at once: the one spelling of it for everything that moves many files. */
import * as Either from "effect/Either"
import type { Concurrency } from "../../Batch.js"
import { InvalidInput } from "../../CosError.js"

export interface Limits {
  readonly files: number
  /** Of each file; where it is absent, as many as a transfer has by itself. */
  readonly parts: number | undefined
  /** Where it is absent there is no limit over all files. */
  readonly totalParts: number | undefined
}

const most = { files: 1024, parts: 256, totalParts: 1024 } as const

export const resolve = (
  operation: string,
  concurrency: Concurrency | undefined,
  defaults: { readonly files: number; readonly totalParts?: number }
): Either.Either<Limits, InvalidInput> => {
  const isNumber = typeof concurrency === "number"
  const {
    files = defaults.files,
    parts,
    totalParts = defaults.totalParts
  } = isNumber ? { files: concurrency } : (concurrency ?? {})
  const limits: Limits = { files, parts, totalParts }
  for (const field of ["files", "parts", "totalParts"] as const) {
    const value = limits[field]
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1 && value <= most[field])) {
      return Either.left(
        new InvalidInput({
          operation,
          field: isNumber ? "concurrency" : `concurrency.${field}`,
          reason: `${isNumber ? "concurrency" : field} must be an integer from 1 to ${most[field].toLocaleString("en")}`
        })
      )
    }
  }
  return Either.right(limits)
}
