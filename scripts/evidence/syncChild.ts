/**
 * A sync in a process of its own. Before one call, of those to the file system and over the network, it tells its parent
 * and waits until that answers: meanwhile the parent changes the world, or kills it.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as HttpClient from "@effect/platform/HttpClient"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as CosClient from "effect-cos/CosClient"
import * as Credentials from "effect-cos/Credentials"
import * as Endpoint from "effect-cos/Endpoint"
import * as Sync from "effect-cos/Sync"
import * as UndiciTransport from "effect-cos-node/UndiciTransport"
import { ahead } from "../../test/support/clock.js"
import { namesLeft } from "../../test/support/tree.js"

/** What the child is to do, as JSON in its first argument. */
export interface Order {
  readonly bucket: string
  readonly region: string
  readonly url: string
  readonly secretId: string
  readonly secretKey: string
  readonly options: Sync.Options
  /** The number of the call before which it waits. */
  readonly waitAt: number
}

export type Message =
  /** `read`: the directories whose names have been read so far. */
  | { readonly _tag: "Waits"; readonly read: ReadonlyArray<string> }
  | { readonly _tag: "Ended"; readonly left: ReadonlyArray<string> }
  | { readonly _tag: "Failed"; readonly isDefect: boolean; readonly message: string }

const order: Order = JSON.parse(process.argv[2] ?? "")
const read: Array<string> = []
let calls = 0

const send = (message: Message) =>
  Effect.async<void>((resume) => {
    process.send?.(message, () => resume(Effect.void))
  })

const wait = Effect.async<void>((resume) => {
  process.once("message", () => resume(Effect.void))
  process.send?.({ _tag: "Waits", read } satisfies Message)
})

const counted = <A, E, R>(call: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.suspend(() => (calls++ === order.waitAt ? Effect.zipRight(wait, call) : call))

/** Counts whatever returns an Effect. */
const countCalls = (fs: FileSystem.FileSystem): FileSystem.FileSystem => {
  const members = Object.entries(fs).map(([name, member]) => [
    name,
    (...args: ReadonlyArray<unknown>) => {
      const result: unknown = member(...args)
      return Effect.isEffect(result) ? counted(result as Effect.Effect<unknown>) : result
    }
  ])
  const counting: FileSystem.FileSystem = Object.fromEntries(members)
  return {
    ...counting,
    readDirectory: (path, options) =>
      Effect.tap(counting.readDirectory(path, options), () => Effect.sync(() => read.push(path)))
  }
}

const countingTransport = Layer.merge(
  UndiciTransport.layer(),
  Layer.effect(
    HttpClient.HttpClient,
    Effect.map(HttpClient.HttpClient, (client) =>
      HttpClient.mapRequestEffect(client, (request) => counted(Effect.succeed(request)))
    )
  ).pipe(Layer.provide(UndiciTransport.layer()))
)

const client = CosClient.layer({
  bucket: order.bucket,
  region: order.region,
  endpoint: Endpoint.custom({ url: order.url })
}).pipe(
  Layer.provide(Credentials.layerStatic({ secretId: order.secretId, secretKey: order.secretKey })),
  Layer.provide(countingTransport)
)

const program = Effect.gen(function* () {
  const fs = countCalls(yield* FileSystem.FileSystem)
  return yield* ahead(Sync.run(order.options)).pipe(Effect.provideService(FileSystem.FileSystem, fs))
}).pipe(Effect.provide(Layer.merge(client, NodeContext.layer)))

Effect.runPromise(
  Effect.gen(function* () {
    const exit = yield* Effect.exit(program)
    yield* send(
      Exit.isSuccess(exit)
        ? { _tag: "Ended", left: namesLeft(exit.value) }
        : { _tag: "Failed", isDefect: Cause.isDie(exit.cause), message: Cause.pretty(exit.cause) }
    )
    process.disconnect()
  })
)
