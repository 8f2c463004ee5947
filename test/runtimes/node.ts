/** Runs the suite where there are modules of Node: Node itself, Bun and Deno. Takes its config as an argument. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodePath from "@effect/platform-node/NodePath"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as CosClient from "effect-cos/CosClient"
import * as CosTransport from "effect-cos/CosTransport"
import * as NodeCos from "effect-cos-node/NodeCos"
import { all } from "./cases/all.js"
import type { Config, Transport } from "./model.js"
import { runAll } from "./run.js"
import type { MakeClient } from "./world.js"

const clients: Readonly<Record<Transport, MakeClient>> = {
  NodeCos: (settings, credentials) => Layer.orDie(NodeCos.layer({ ...settings, credentials })),
  undici: (settings, credentials) =>
    CosClient.layer(settings).pipe(
      Layer.provide([credentials, NodeHttpClient.layerUndici]),
      Layer.provideMerge(CosTransport.layerNode)
    ),
  fetch: (settings, credentials) => CosClient.layer(settings).pipe(Layer.provide([credentials, FetchHttpClient.layer]))
}

const config: Config = JSON.parse(process.argv[2] ?? "")

Effect.runPromise(
  runAll(
    { client: clients[config.transport], files: Layer.merge(NodeFileSystem.layer, NodePath.layer) },
    config,
    all,
    (line) => {
      process.stdout.write(line)
    }
  )
).then(
  () => process.exit(0),
  (error) => {
    console.error(error)
    process.exit(1)
  }
)
