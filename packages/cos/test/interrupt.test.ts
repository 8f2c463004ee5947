import * as HttpClient from "@effect/platform/HttpClient"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Cos from "effect-cos/Cos"
import * as CosClient from "effect-cos/CosClient"
import * as CosTransport from "effect-cos/CosTransport"
import * as Credentials from "effect-cos/Credentials"
import { interruptAtEachStep } from "../../../test/support/interruptAt.js"
import * as Scripted from "./support/ScriptedClient.js"

it.scopedLive.each([
  { client: "any client", transport: Layer.empty },
  {
    client: "one that ends exchanges when it is told to",
    transport: CosTransport.layer({ hostHeader: true, contentLength: true, rawBody: true, abort: () => false })
  }
])("wherever an interrupt comes, no exchange stays open: $client", ({ transport }) =>
  Effect.gen(function* () {
    let open = 0
    const exchange = Effect.acquireUseRelease(
      Effect.sync(() => open++),
      () => Effect.never,
      () => Effect.sync(() => open--)
    )
    const http = HttpClient.makeWith<never, never, never, never>(() => exchange, Effect.succeed)
    const client = yield* Layer.build(
      CosClient.layer({ bucket: Scripted.bucket, region: Scripted.region }).pipe(
        Layer.provide([Credentials.layerStatic(Scripted.keys), Layer.succeed(HttpClient.HttpClient, http), transport])
      )
    )
    const left: Array<number> = []
    yield* interruptAtEachStep(
      Effect.provide(Cos.headObject({ key: "a" }), client),
      (step) =>
        Effect.sync(() => {
          if (open > 0) left.push(step)
          open = 0
        }),
      { isEndless: true }
    )
    expect(left).toEqual([])
  })
)
