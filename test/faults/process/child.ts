/** Transfers in a process of their own, which the test kills, or interrupts by a signal. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Checkpoint from "effect-cos/Checkpoint"
import * as CosClient from "effect-cos/CosClient"
import * as Credentials from "effect-cos/Credentials"
import * as Download from "effect-cos/Download"
import * as Endpoint from "effect-cos/Endpoint"
import * as Upload from "effect-cos/Upload"
import * as UndiciTransport from "effect-cos-node/UndiciTransport"
import { Order } from "./order.js"

const transfer = ({
  key,
  kind,
  onInterrupt,
  partSize,
  path
}: (typeof Order.Type)["transfers"][number]): Effect.Effect<
  unknown,
  unknown,
  CosClient.CosClient | FileSystem.FileSystem
> => {
  const keeps = onInterrupt === "keep"
  return kind === "upload"
    ? Upload.file({ key, path }, { partSize, threshold: 0, concurrency: 1, onInterrupt: keeps ? "keep" : "abort" })
    : Download.file({ key, path }, { partSize, concurrency: 1, onInterrupt: keeps ? "keep" : "remove" })
}

/** Of the nth file that is written whole, half, and then no more. */
const killingAtWrite = (nth: number) =>
  Layer.effect(
    FileSystem.FileSystem,
    Effect.map(FileSystem.FileSystem, (fs) => {
      let opened = 0
      return {
        ...fs,
        open: (path, options) =>
          Effect.map(fs.open(path, options), (file) => {
            if (options?.flag !== "wx") return file
            opened += 1
            const kill = Effect.sync(() => process.kill(process.pid, "SIGKILL"))
            return opened < nth
              ? file
              : {
                  ...file,
                  writeAll: (bytes: Uint8Array) =>
                    Effect.zipRight(file.writeAll(bytes.subarray(0, bytes.byteLength / 2)), Effect.asVoid(kill))
                }
          })
      } satisfies FileSystem.FileSystem
    })
  )

const program = Effect.gen(function* () {
  const order = yield* Schema.decode(Order)(process.argv[2] ?? "")
  const { bucket, checkpoints, killAtWrite, region, secretId, secretKey, transfers, url } = order
  const client = CosClient.layer({ bucket, region, endpoint: Endpoint.custom({ url }) }).pipe(
    Layer.provide(Credentials.layerStatic({ secretId, secretKey })),
    Layer.provide(UndiciTransport.layer())
  )
  const store = Checkpoint.layerDirectory(checkpoints)
  yield* Effect.forEach(transfers, transfer, { concurrency: "unbounded", discard: true }).pipe(
    Effect.provide(
      Layer.merge(client, killAtWrite === undefined ? store : Layer.provide(store, killingAtWrite(killAtWrite)))
    )
  )
}).pipe(Effect.provide(NodeFileSystem.layer))

NodeRuntime.runMain(program, {
  disableErrorReporting: true,
  // As shells have it for a program that a signal ended.
  teardown: (exit, onExit) => onExit(Exit.isSuccess(exit) ? 0 : Cause.isInterruptedOnly(exit.cause) ? 130 : 1)
})
