/** Reads `Batch.Concurrency`: how many files, and parts, are transferred at once. */
import * as Either from "effect/Either"
import type { Concurrency } from "../../Batch.js"
import type { InvalidInput } from "../../CosError.js"
import { checkOption, count } from "../operation/options.js"

/** `auto`: as many as prove worth it. */
export interface ConcurrencyLimits {
  /** Files, or transfers, at once. */
  readonly files: number | "auto"
  /** Parts of each file at once; where absent, as many as a transfer has by itself, or as `totalParts` allows. */
  readonly parts: number | undefined
  /** Parts at once over all files; where absent, there is no such limit. */
  readonly totalParts: number | "auto" | undefined
}

const maximums = { files: 1024, parts: 256, totalParts: 1024 } as const

/** `totalParts`: how many there are at least where the number of files is given, and nothing else. */
export const readConcurrency = (
  operation: string,
  concurrency: Concurrency | undefined,
  defaults: { readonly totalParts?: number } = {}
): Either.Either<ConcurrencyLimits, InvalidInput> => {
  const isObject = typeof concurrency === "object" && concurrency !== null
  const given = isObject ? concurrency : { files: concurrency === "auto" ? undefined : concurrency }
  for (const field of ["files", "parts", "totalParts"] as const) {
    const name = isObject ? `concurrency.${field}` : "concurrency"
    const checked = checkOption(operation, name, given[field], count(1, maximums[field]))
    if (Either.isLeft(checked)) return Either.left(checked.left)
  }
  const { files = "auto", parts } = given
  // With fewer parts than files at once, not all of the files would be transferred.
  const fewest =
    typeof files === "number" && defaults.totalParts !== undefined ? Math.max(files, defaults.totalParts) : undefined
  const { totalParts = files === "auto" ? "auto" : fewest } = given
  return Either.right({ files, parts, totalParts })
}
