/** Which parts an object is sent in. Pure. */
import * as Either from "effect/Either"
import { TooManyParts } from "../../../CosError.js"
import { largest } from "../../encoding/size.js"

const MiB = 1024 * 1024

export const maxParts = 10_000
/** Bytes: the least that a part other than the last may have, as the service wants it. */
export const minPartSize = MiB
export const maxPartSize = largest

export interface Part {
  readonly partNumber: number
  readonly offset: number
  readonly size: number
}

/** The sizes a part grows through when the object needs more than 10,000 of the asked size. */
const steps = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 5120].map((step) => step * MiB)

/** The asked size, or the smallest step above it that needs no more than 10,000 parts. */
export const partSizeFor = (size: number, asked: number): Either.Either<number, TooManyParts> => {
  const fits = (partSize: number) => Math.ceil(size / partSize) <= maxParts
  const partSize = [asked, ...steps.filter((step) => step > asked)].find(fits)
  return partSize === undefined || partSize > maxPartSize
    ? Either.left(new TooManyParts({ size, partSize: maxPartSize, limit: maxParts }))
    : Either.right(partSize)
}

export const parts = (size: number, partSize: number): ReadonlyArray<Part> =>
  Array.from({ length: Math.ceil(size / partSize) }, (_, i) => ({
    partNumber: i + 1,
    offset: i * partSize,
    size: Math.min(partSize, size - i * partSize)
  }))
