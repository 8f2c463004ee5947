/** Carries out a plan. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Copy from "../../Copy.js"
import type { CosClient } from "../../CosClient.js"
import { InvalidInput } from "../../CosError.js"
import * as Download from "../../Download.js"
import * as object from "../../operations/object.js"
import type { Action, Options, Place, Report, SyncError } from "../../Sync.js"
import * as Upload from "../../Upload.js"
import { plan } from "./plan.js"

const local = (root: string, name: string) => Effect.map(Path.Path, (path) => path.join(root, name))

/** A directory on the way that is a link could lead out of the root. */
const makeParents = (root: string, name: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const parent = path.dirname(path.join(root, name))
    yield* fs.makeDirectory(parent, { recursive: true })
    const real = yield* fs.realPath(parent)
    const realRoot = yield* fs.realPath(root)
    if (real !== realRoot && !real.startsWith(realRoot + path.sep)) {
      return yield* new InvalidInput({
        operation: "Sync.run",
        field: name,
        limit: "within the directory, without links"
      })
    }
  })

const transfer = (
  options: Options,
  from: Place,
  to: Place,
  name: string
): Effect.Effect<void, SyncError, CosClient | FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const { storageClass, ...transfer } = options.transfer ?? {}
    const stored = storageClass === undefined ? undefined : { storageClass }
    if (from._tag === "Directory") {
      if (to._tag === "Directory") {
        return yield* new InvalidInput({ operation: "Sync.run", field: "to", limit: "a prefix of a bucket" })
      }
      const { bucket, prefix, region } = to
      yield* Upload.file(
        { bucket, region, key: prefix + name, path: yield* local(from.path, name), ...stored },
        transfer
      )
      return
    }
    const source = { bucket: from.bucket, region: from.region, key: from.prefix + name }
    if (to._tag === "Prefix") {
      const { bucket, prefix, region } = to
      yield* Copy.object({ bucket, region, key: prefix + name, source, ...stored }, transfer)
      return
    }
    yield* makeParents(to.path, name)
    const path = yield* local(to.path, name)
    const found = yield* Download.file({ ...source, path }, transfer)
    yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.utimes(path, found.lastModified, found.lastModified))
  })

const remove = (
  to: Place,
  name: string
): Effect.Effect<void, SyncError, CosClient | FileSystem.FileSystem | Path.Path> =>
  to._tag === "Prefix"
    ? Effect.asVoid(object.deleteObject({ bucket: to.bucket, region: to.region, key: to.prefix + name }))
    : Effect.flatMap(local(to.path, name), (path) =>
        Effect.flatMap(FileSystem.FileSystem, (fs) => fs.remove(path, { force: true }))
      )

export const run = (options: Options) =>
  Effect.gen(function* () {
    const { concurrency = 4, from, maxDelete = 1000, onAction = () => Effect.void, to } = options
    const failed: Array<Report["failed"][number]> = []
    const deletions: Array<Action> = []
    let transferred = 0
    let bytes = 0
    let deleted = 0
    let wanted = 0

    const carriedOut = (action: Action, error: SyncError | undefined) =>
      Effect.suspend(() => {
        if (error !== undefined) failed.push({ action, error })
        return onAction(action, error)
      })
    const attempt = <A, R>(action: Action, self: Effect.Effect<A, SyncError, R>, done: () => void) =>
      Effect.matchEffect(self, {
        onFailure: (error) => carriedOut(action, error),
        onSuccess: () => Effect.zipRight(Effect.sync(done), carriedOut(action, undefined))
      })

    yield* plan(options).pipe(
      Stream.mapEffect(
        (action) => {
          switch (action._tag) {
            case "Refuse":
              return carriedOut(action, action.error)
            case "Delete":
              return Effect.sync(() => {
                wanted += 1
                if (deletions.length < maxDelete) deletions.push(action)
              })
            case "Transfer":
              return attempt(action, transfer(options, from, to, action.name), () => {
                transferred += 1
                bytes += action.size
              })
          }
        },
        { concurrency, unordered: true }
      ),
      Stream.runDrain
    )
    if (failed.length === 0 && wanted <= maxDelete) {
      yield* Effect.forEach(
        deletions,
        (action) =>
          attempt(action, remove(to, action.name), () => {
            deleted += 1
          }),
        { concurrency, discard: true }
      )
    }
    return { transferred, bytes, deleted, withheld: wanted - deleted, failed } satisfies Report
  }).pipe(Effect.withSpan("Cos.Sync.run", { captureStackTrace: false }))
