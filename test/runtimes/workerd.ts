/** Runs the suite in workerd: a request carries the config, and the results are the lines of its response. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as CosClient from "effect-cos/CosClient"
import { all } from "./cases/all.js"
import type { Config } from "./model.js"
import { runAll } from "./run.js"
import type { MakeClient } from "./world.js"

const client: MakeClient = (settings, credentials) =>
  CosClient.layer(settings).pipe(Layer.provide([credentials, FetchHttpClient.layer]))

export default {
  async fetch(request: Request): Promise<Response> {
    const config: Config = await request.json()
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const writer = writable.getWriter()
    const run = runAll({ client, files: undefined }, config, all, (line) => {
      void writer.write(new TextEncoder().encode(line))
    })
    void Effect.runPromise(run).finally(() => writer.close())
    return new Response(readable)
  }
}
