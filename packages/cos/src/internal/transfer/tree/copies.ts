/** The objects below a prefix, to be copied below another. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { CosClient } from "../../../CosClient.js"
import type { PaginationStuck } from "../../../CosError.js"
import type * as Operation from "../../../Operation.js"
import type * as bucket from "../../../operations/bucket.js"
import { invalidInput } from "../../encoding/invalidInput.js"
import { effectiveBucket } from "../../http/effectiveSettings.js"
import type { CopyInput, CopyTree } from "../model.js"
import type * as batch from "./batch.js"
import { listTree } from "./remote.js"

export interface Planned extends batch.Planned<CopyInput, never> {
  /** Of the source, where it was listed. */
  readonly eTag?: string | undefined
}

/** What `Copy.objects` and `Copy.objectsStream` take. */
export type Copies<E, R> = ReadonlyArray<CopyInput> | CopyTree | Stream.Stream<CopyInput, E, R>

type TreeError = Operation.Error<typeof bucket.listObjects> | PaginationStuck

/** Copies would be listed, and copied, again. */
const refuseWithin = (operation: string, { bucket, prefix = "", source }: CopyTree) =>
  Effect.flatMap(effectiveBucket({ bucket }), (target) =>
    (source.bucket ?? target) === target && prefix.startsWith(source.prefix)
      ? Effect.fail(invalidInput(operation, "prefix", "must not be within the source"))
      : Effect.void
  )

const planTree = (operation: string, tree: CopyTree) =>
  Stream.unwrap(
    Effect.gen(function* () {
      const { exclude, filter, include, prefix = "", source, ...target } = tree
      yield* refuseWithin(operation, tree)
      const place = { bucket: source.bucket ?? target.bucket, region: source.region ?? target.region }
      const listed = yield* listTree(operation, { ...place, prefix: source.prefix, include, exclude, filter })
      return Stream.map(
        listed,
        ({ eTag, key, size }): Planned => ({
          input: { ...target, key: prefix + key.slice(source.prefix.length), source: { ...place, key } },
          size,
          eTag
        })
      )
    })
  )

export const plan = <E = never, R = never>(
  operation: string,
  input: Copies<E, R>
): batch.Plan<Planned, E | TreeError, R | CosClient> => {
  const planOne = (input: CopyInput): Planned => ({ input, size: undefined })
  if (Stream.StreamTypeId in input) return { planned: Stream.map(input, planOne) }
  return "source" in input
    ? { planned: planTree(operation, input) }
    : { planned: Stream.map(Stream.fromIterable(input), planOne), known: { files: input.length, bytes: undefined } }
}
