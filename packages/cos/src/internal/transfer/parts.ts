/** Which parts an object is transferred in. Pure. */
import * as Either from "effect/Either"
import { TooManyParts } from "../../CosError.js"
import { maxRequestBytes } from "../encoding/size.js"

const MiB = 1024 * 1024

export const maxParts = 10_000
/** Bytes: the least that a part other than the last may have, as the service wants it. */
export const minPartSize = MiB
export const maxPartSize = maxRequestBytes

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

/** The parts of an object, of which there may be more than an array can hold: each is computed when it is its turn. */
export interface PartPlan {
  readonly size: number
  readonly partSize: number
  readonly count: number
}

export const plan = (size: number, partSize: number): PartPlan => ({
  size,
  partSize,
  count: Math.ceil(size / partSize)
})

/** `partNumber` counts from 1. */
export const partAt = ({ partSize, size }: PartPlan, partNumber: number): Part => {
  const offset = (partNumber - 1) * partSize
  return { partNumber, offset, size: Math.min(partSize, size - offset) }
}

export function* parts(plan: PartPlan): Generator<Part, void> {
  for (let partNumber = 1; partNumber <= plan.count; partNumber++) yield partAt(plan, partNumber)
}
