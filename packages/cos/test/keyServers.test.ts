/** Requests to servers that give keys and signatures leave no connection behind, however they end. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Cos from "effect-cos/Cos"
import * as CosClient from "effect-cos/CosClient"
import * as Credentials from "effect-cos/Credentials"
import * as RemoteSigner from "effect-cos/RemoteSigner"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as Sts from "effect-cos/Sts"

/** Each answer has no end, and the signals say whether its exchange was ended. */
const endless = (status: number, onHead: Effect.Effect<void>) => {
  const signals: Array<AbortSignal> = []
  const client = HttpClient.make((request, _, signal) =>
    Effect.sync(() => {
      signals.push(signal)
      const body = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(64 * 1024)) })
      return HttpClientResponse.fromWeb(request, new Response(body, { status }))
    })
  )
  const http = HttpClient.transformResponse(
    client,
    Effect.tap(() => onHead)
  )
  return { signals, http: Layer.succeed(HttpClient.HttpClient, http) }
}

const signer = RemoteSigner.layer({ url: "http://signer/" })

const cases: Record<string, Effect.Effect<unknown, unknown, HttpClient.HttpClient>> = {
  "that gives keys": Credentials.remote("http://keys/"),
  "of metadata": Credentials.instanceMetadata({ role: "r" }),
  "that signs": Cos.headBucket().pipe(
    Effect.provide(Layer.provide(CosClient.layer({ bucket: "a-1250000000", region: "ap-guangzhou" }), signer))
  ),
  STS: Sts.assumeRole({ roleArn: "qcs::cam::uin/1:roleName/r" }).pipe(
    Effect.provide(Layer.provide(Sts.layer(), Credentials.layerStatic({ secretId: "id", secretKey: "key" }))),
    RetryPolicy.withPolicy(RetryPolicy.none)
  )
}

it.live.each(Object.entries(cases))("to the server %s", ([, ask]) =>
  Effect.gen(function* () {
    for (const [status, onHead] of [
      [200, Effect.void],
      [500, Effect.void],
      [200, Effect.interrupt]
    ] as const) {
      const { http, signals } = endless(status, onHead)
      yield* Effect.exit(Effect.provide(ask, http))
      expect([...new Set(signals.map(({ aborted }) => aborted))]).toEqual([true])
    }
  })
)
