/** Carries out a plan. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Copy from "../../../Copy.js"
import type { CosClient } from "../../../CosClient.js"
import * as Download from "../../../Download.js"
import * as object from "../../../operations/object.js"
import type { Action, Options, Prefix, Report, SyncError } from "../../../Sync.js"
import * as Upload from "../../../Upload.js"
import { checkOptions, count } from "../../operation/options.js"
import * as listener from "../listener.js"
import * as root from "../tree/root.js"
import { plan } from "./plan.js"
import { routeOf } from "./route.js"

type Services = CosClient | FileSystem.FileSystem | Path.Path

/** How each name is made the same on the other side, and how it is deleted there. */
interface Hands {
  readonly transfer: (name: string) => Effect.Effect<unknown, SyncError, CosClient | FileSystem.FileSystem>
  readonly remove: (name: string) => Effect.Effect<unknown, SyncError, CosClient>
}

const handsOf = (options: Options): Effect.Effect<Hands, SyncError, Services> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const { join } = yield* Path.Path
    const { storageClass, ...transfer } = options.transfer ?? {}
    const objectOf = ({ bucket, prefix, region }: Prefix, name: string) => ({ bucket, region, key: prefix + name })
    const route = yield* routeOf(options)
    if (route.way === "down") {
      const { from, to } = route
      const { enter } = yield* root.make(to.path)
      return {
        transfer: (name) =>
          Effect.gen(function* () {
            const source = objectOf(from, name)
            const path = yield* enter(source.key, { segments: name.split("/"), directory: false })
            const { lastModified } = yield* Download.file({ ...source, path }, transfer)
            yield* fs.utimes(path, lastModified, lastModified)
          }),
        remove: (name) => fs.remove(join(to.path, name), { force: true })
      }
    }
    const target = (name: string) => ({ ...objectOf(route.to, name), storageClass })
    return {
      transfer: (name) =>
        route.way === "up"
          ? Upload.file({ ...target(name), path: join(route.from.path, name) }, transfer)
          : Copy.object({ ...target(name), source: objectOf(route.from, name) }, transfer),
      remove: (name) => object.deleteObject(objectOf(route.to, name))
    }
  })

export const run = (options: Options) =>
  Effect.gen(function* () {
    const { concurrency = 4, maxDelete = 1000, onAction } = options
    yield* checkOptions("Sync.run", { concurrency }, { concurrency: count(1, 256) })
    const { remove, transfer } = yield* handsOf(options)
    const actions =
      onAction &&
      (yield* listener.make("onAction", ([action, error]: readonly [Action, SyncError | undefined]) =>
        onAction(action, error)
      ))
    const failed: Array<Report["failed"][number]> = []
    const deletions: Array<Action> = []
    let transferred = 0
    let bytes = 0
    let deleted = 0
    let wanted = 0

    const carriedOut = (action: Action, error: SyncError | undefined) =>
      Effect.suspend(() => {
        if (error !== undefined) failed.push({ action, error })
        return actions?.notify([action, error]) ?? Effect.void
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
              return attempt(action, transfer(action.name), () => {
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
          attempt(action, remove(action.name), () => {
            deleted += 1
          }),
        { concurrency, discard: true }
      )
    }
    yield* actions?.drain ?? Effect.void
    return { transferred, bytes, deleted, withheld: wanted - deleted, failed } satisfies Report
  }).pipe(Effect.scoped, Effect.withSpan("Cos.Sync.run", { captureStackTrace: false }))
