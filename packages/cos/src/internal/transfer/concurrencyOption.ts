/** Reads `Batch.Concurrency`: how many files, and parts, are transferred at once. */
import * as Either from "effect/Either"
import type { Concurrency } from "../../Batch.js"
import type { InvalidInput } from "../../CosError.js"
import { checkOption, count } from "../operation/options.js"

export interface ConcurrencyLimits {
  /** Files, or transfers, at once. */
  readonly files: number
  /** Parts of each file at once; where absent, as many as a transfer has by itself. */
  readonly parts: number | undefined
  /** Parts at once over all files; where absent, there is no such limit. */
  readonly totalParts: number | undefined
}

const maximums = { files: 1024, parts: 256, totalParts: 1024 } as const

export const readConcurrency = (
  operation: string,
  concurrency: Concurrency | undefined,
  defaults: { readonly files: number; readonly totalParts?: number }
): Either.Either<ConcurrencyLimits, InvalidInput> => {
  const isNumber = typeof concurrency === "number"
  const {
    files = defaults.files,
    parts,
    totalParts = defaults.totalParts
  } = isNumber ? { files: concurrency } : (concurrency ?? {})
  const limits: ConcurrencyLimits = { files, parts, totalParts }
  for (const field of ["files", "parts", "totalParts"] as const) {
    const name = isNumber ? "concurrency" : `concurrency.${field}`
    const checked = checkOption(operation, name, limits[field], count(1, maximums[field]))
    if (Either.isLeft(checked)) return Either.left(checked.left)
  }
  return Either.right(limits)
}
