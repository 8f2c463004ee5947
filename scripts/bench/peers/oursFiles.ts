/** Many small files with this SDK, and single small transfers beside a request alone. */
import { readFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import * as Cos from "effect-cos/Cos"
import * as Download from "effect-cos/Download"
import * as Sync from "effect-cos/Sync"
import * as Upload from "effect-cos/Upload"
import type { NodeCos } from "effect-cos-node"
import { out, smallFileOf, smallFiles, smallKeyOf, tree, treeSize } from "../data.js"
import { concurrency, type Variant } from "../variants.js"
import { inFibers, variant } from "./ours.js"

const allSucceeded = <A>(report: { readonly failures: ReadonlyArray<A> }): void => {
  if (report.failures.length > 0) throw report.failures[0]
}

/** Without a number as many at once as the transfers find. */
const atMost = (atOnce: number | undefined) => (atOnce === undefined ? {} : { concurrency: atOnce })

export const uploadFiles = (atOnce?: number): Variant =>
  variant((count) => Effect.map(Upload.files(smallFiles(count), atMost(atOnce)), allSucceeded))

export const downloadFiles = (atOnce?: number): Variant =>
  variant((count) =>
    Effect.map(
      Download.files(
        smallFiles(count).map(({ key }) => ({ key, path: `${out}/${key}` })),
        atMost(atOnce)
      ),
      allSucceeded
    )
  )

/** Makes a prefix of the server the equal of the tree. It holds nothing, or all of it. */
export const sync = (prefix: "empty/" | "full/"): Variant =>
  variant((count) =>
    Effect.gen(function* () {
      const options: Sync.Options = { from: Sync.directory(tree), to: Sync.prefix(prefix) }
      const report = yield* Sync.apply(Sync.plan(options), options)
      allSucceeded(report)
      const expected = prefix === "empty/" ? treeSize : 0
      if (count !== treeSize || report.transferred !== expected || report.omissions.length > 0) {
        return yield* Effect.dieMessage(`${report.transferred} files were transferred, not ${expected}`)
      }
    })
  )

/** Repeats what one request carries. */
const repeated = <E>(one: (i: number) => Effect.Effect<unknown, E, NodeCos.Provided>): Variant =>
  variant((count) => {
    let i = 0
    return inFibers(
      concurrency,
      Effect.suspend(() => one(i++ % 1000))
    )(count)
  })

/** With bytes of which the server knows the checksum. */
const withBytes =
  <E>(one: (i: number, bytes: Uint8Array) => Effect.Effect<unknown, E, NodeCos.Provided>): Variant =>
  (origin) => {
    const bytes = new Uint8Array(readFileSync(smallFileOf(0)))
    return repeated((i) => one(i, bytes))(origin)
  }

export const putObject = withBytes((i, body) => Cos.putObject({ key: smallKeyOf(i), body }))
export const uploadBytes = withBytes((i, bytes) => Upload.bytes({ key: smallKeyOf(i), bytes }))
export const uploadFile = repeated((i) => Upload.file({ key: smallKeyOf(i), path: smallFileOf(i) }))
export const downloadBytes = repeated((i) => Download.bytes({ key: smallKeyOf(i) }))
export const downloadFile = repeated((i) => Download.file({ key: smallKeyOf(i), path: `${out}/${smallKeyOf(i)}` }))
