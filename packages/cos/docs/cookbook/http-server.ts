/**
 * An HTTP server before a bucket: `PUT /files/NAME` streams an upload in, `GET /files/NAME` streams it out, with `Range`,
 * conditions and `HEAD`. Nothing is kept in memory but a few parts.
 *
 * `PORT=8080 npx tsx http-server.ts`
 */
import { createServer } from "node:http"
import { HttpRouter, HttpServer, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Config, Effect, Layer } from "effect"
import { ServerResponse, Upload } from "effect-cos"
import { NodeCos } from "effect-cos-node"

/** Names that a request may choose: never a path out of `files/`. */
const nameOf = Effect.flatMap(HttpRouter.params, ({ name = "" }) =>
  /^[\w.-]{1,100}$/.test(name) ? Effect.succeed(`files/${name}`) : Effect.fail("BadName" as const)
)

const put = Effect.gen(function* () {
  const key = yield* nameOf
  const request = yield* HttpServerRequest.HttpServerRequest
  const { size } = yield* Upload.stream({
    key,
    stream: request.stream,
    contentType: request.headers["content-type"] ?? "application/octet-stream"
  })
  return yield* HttpServerResponse.json({ key, size }, { status: 201 })
})

const get = Effect.flatMap(nameOf, (key) => ServerResponse.object({ key }))

const router = HttpRouter.empty.pipe(
  HttpRouter.put("/files/:name", put),
  HttpRouter.get("/files/:name", get),
  HttpRouter.catchAll((error) =>
    error === "BadName"
      ? HttpServerResponse.text("Names have letters, digits, dots and dashes.\n", { status: 400 })
      : Effect.as(Effect.logError(error), HttpServerResponse.empty({ status: 502 }))
  )
)

const ServerLive = NodeHttpServer.layerConfig(createServer, {
  port: Config.withDefault(Config.integer("PORT"), 8080),
  host: Config.withDefault(Config.string("HOST"), "127.0.0.1")
})

const main = HttpServer.serve(router).pipe(
  HttpServer.withLogAddress,
  Layer.provide(ServerLive),
  Layer.provide(NodeCos.layerEnv)
)

NodeRuntime.runMain(Layer.launch(main))
