/** The SDK's client on this transport, which repeats nothing. */
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as CosClient from "effect-cos/CosClient"
import * as Credentials from "effect-cos/Credentials"
import * as Endpoint from "effect-cos/Endpoint"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as UndiciTransport from "effect-cos-node/UndiciTransport"

export const client = (origin: string, settings?: CosClient.Settings, transport?: UndiciTransport.Options) =>
  Layer.build(
    CosClient.layer({
      bucket: "examplebucket-1250000000",
      region: "ap-guangzhou",
      endpoint: Endpoint.custom({ url: origin }),
      retry: RetryPolicy.none,
      ...settings
    }).pipe(
      Layer.provide(Credentials.layerStatic({ secretId: "id", secretKey: Redacted.make("key") })),
      Layer.provide(UndiciTransport.layer(transport))
    )
  )
