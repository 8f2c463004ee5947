/** The page's own server: the page, its program, and the signatures for it. The account's keys are only here. */
import { createServer } from "node:http"
import { fileURLToPath } from "node:url"
import * as FileSystem from "@effect/platform/FileSystem"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as SigningHandler from "effect-cos/SigningHandler"
import * as UppyHandler from "effect-cos/UppyHandler"
import * as esbuild from "esbuild"
import { root } from "../../tool.js"

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** A program for the page, from its source. */
export const bundle = (entry: string, alias: Record<string, string> = {}): Effect.Effect<string> =>
  Effect.promise(async () => {
    const built = await esbuild.build({
      entryPoints: [entry],
      alias,
      absWorkingDir: root,
      bundle: true,
      format: "esm",
      platform: "browser",
      target: "es2022",
      minify: true,
      write: false,
      logLevel: "silent"
    })
    return built.outputFiles[0]?.text ?? ""
  })

export interface PageSettings {
  readonly bucket: string
  readonly region: string
  readonly endpoint: string
  /** Where pages may write. */
  readonly prefix: string
}

const text = (body: string, contentType: string) => HttpServerResponse.text(body, { contentType })

/** `user` knows the page's user; here everyone is. */
const authorize: SigningHandler.Options["authorize"] = () => Effect.void

export const router = (settings: PageSettings, pages: Readonly<Record<string, string>>) =>
  Object.entries(pages)
    .reduce(
      (router, [path, body]) =>
        HttpRouter.get(
          router,
          path as "/",
          Effect.succeed(text(body, path.endsWith(".js") ? "text/javascript" : "text/html; charset=utf-8"))
        ),
      HttpRouter.empty as HttpRouter.HttpRouter<never, never>
    )
    .pipe(
      HttpRouter.get("/settings.json", Effect.succeed(text(JSON.stringify(settings), "application/json"))),
      HttpRouter.all("/sign", SigningHandler.httpApp({ prefix: settings.prefix, authorize })),
      HttpRouter.mountApp(
        "/s3",
        UppyHandler.httpApp({
          prefix: settings.prefix,
          authorize: ({ filename, metadata }) =>
            filename.startsWith("secret")
              ? SigningHandler.refuse("not this one")
              : Effect.succeed({ key: `${settings.prefix}${filename}`, metadata })
        })
      )
    )

/** The pages of the demo. */
export const demoPages: Effect.Effect<Record<string, string>, never, FileSystem.FileSystem> = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  return {
    "/": yield* Effect.orDie(fs.readFileString(file("index.html"))),
    "/page.js": yield* bundle(file("page.ts"))
  }
})

/** Listens on this machine; gives the address. Needs the client that signs. */
export const serve = (settings: PageSettings, pages: Readonly<Record<string, string>>, port = 0) =>
  Effect.gen(function* () {
    const http = createServer()
    const context = yield* Layer.build(NodeHttpServer.layer(() => http, { host: "127.0.0.1", port }))
    yield* HttpServer.serveEffect(router(settings, pages)).pipe(Effect.provide(context))
    // Runs first: the server would wait for connections that a browser keeps.
    yield* Effect.addFinalizer(() => Effect.sync(() => http.closeAllConnections()))
    const address = http.address()
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : port}`
  })
