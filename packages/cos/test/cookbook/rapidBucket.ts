import { Effect, Layer, Schema, Stream } from "effect"
import { CosClient, CosError, CosXml, Credentials, Endpoint, ObjectKey, RetryPolicy } from "effect-cos"
import * as Cos from "effect-cos/Cos"

const url = "https://{bucket}.cosrapid.{region}.myqcloud.com"

const Session = Schema.Struct({
  Credentials: Schema.Struct({
    AccessKeyId: Schema.String,
    SecretAccessKey: Schema.String,
    SessionToken: Schema.String,
    Expiration: Schema.Date
  })
})

/** Opens a session of the bucket, with the access key of the account: its own key is for the requests on objects. */
export const createSession = (mode: "ReadOnly" | "ReadWrite") =>
  Effect.gen(function* () {
    const response = yield* Cos.request({
      method: "GET",
      host: { url },
      query: { session: "" },
      headers: { "x-cos-create-session-mode": mode }
    })
    const { content } = yield* CosXml.parse(yield* Stream.mkString(Stream.decodeText(response.body)))
    const { Credentials: found } = yield* Schema.decodeUnknown(Session)(content)
    return Credentials.accessKey({
      secretId: found.AccessKeyId,
      secretKey: found.SecretAccessKey,
      token: found.SessionToken,
      expiresAt: found.Expiration
    })
  }).pipe(
    Effect.scoped,
    // Without the cause, which may show the session's key.
    Effect.mapError(
      () =>
        new CosError.CredentialsError({ provider: "rapid", message: "no session could be opened", transient: false })
    )
  )

/** The operations of `Cos` on a Rapid Bucket. A session is opened when there is none, and again before it ends. */
export const layer = (
  bucket: string,
  region: string,
  account: Layer.Layer<Credentials.Credentials, CosError.CredentialsError>
) => {
  const Account = CosClient.layer({ bucket, region }).pipe(Layer.provide(account))
  const session = Credentials.layerProvider(createSession("ReadWrite"), { name: "rapid" }).pipe(Layer.provide(Account))
  return CosClient.layer({ bucket, region, endpoint: Endpoint.custom({ url }) }).pipe(Layer.provide(session))
}

/** Renames an object of the bucket. It is sent once: after a 5xx nobody knows whether it was renamed. */
export const renameObject = (from: string, to: string, options: { readonly overwrite: boolean }) =>
  Cos.request({
    method: "PUT",
    key: to,
    headers: {
      "x-cos-rename-source": `/${ObjectKey.encode(from)}`,
      "x-cos-forbid-overwrite": String(!options.overwrite)
    },
    idempotent: false
  }).pipe(RetryPolicy.withPolicy(RetryPolicy.none), Effect.asVoid, Effect.scoped)
