/** HTTP clients alone: one prepared request, neither signed nor retried. */
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as UndiciTransport from "effect-cos-node/UndiciTransport"
import { Agent, type Dispatcher } from "undici"
import { keyOf } from "../data.js"
import { concurrency, inParallel, small, type Variant } from "../variants.js"

const headers = { host: "bucket-1.cos.bench.test", authorization: "q-sign-algorithm=sha1", "x-cos-meta-a": "b" }
const path = `/${keyOf(1)}`

type Method = "PUT" | "HEAD"

export const raw =
  (method: Method): Variant =>
  (origin) => {
    const dispatcher = new Agent()
    const options = { origin, path, method, headers, body: method === "PUT" ? small : null, reset: false }
    return inParallel(concurrency, async () =>
      (await dispatcher.request(options as Dispatcher.RequestOptions)).body.dump()
    )
  }

const platform =
  (layer: Layer.Layer<HttpClient.HttpClient, unknown>, traced: boolean) =>
  (method: Method): Variant =>
  (origin) => {
    const runtime = ManagedRuntime.make(layer)
    const request = HttpClientRequest.make(method)(origin + path).pipe(
      HttpClientRequest.setHeaders(headers),
      method === "PUT" ? HttpClientRequest.setBody(HttpBody.uint8Array(small)) : (self) => self
    )
    return (count) =>
      Effect.flatMap(HttpClient.HttpClient, (client) => {
        const one = Effect.flatMap(client.execute(request), (response) => response.arrayBuffer)
        return Effect.forEach(Array.from({ length: concurrency }), () => Effect.repeatN(one, count / concurrency - 1), {
          concurrency: "unbounded",
          discard: true
        })
      }).pipe(Effect.as(undefined), Effect.withTracerEnabled(traced), runtime.runPromise)
  }

export const undiciTransport = platform(UndiciTransport.layer(), false)
export const layerUndiciUntraced = platform(NodeHttpClient.layerUndici, false)
export const layerUndici = platform(NodeHttpClient.layerUndici, true)
