/** The official Node SDK, unmodified, with the emulator as its proxy. */
import * as Http from "node:http"
import COS from "cos-nodejs-sdk-v5"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { Emulator } from "effect-cos-emulator/Emulator"

export const Bucket = "examplebucket-1250000000"
export const Region = "ap-guangzhou"
export const at = { Bucket, Region }
export const host = `${Bucket}.cos.${Region}.myqcloud.com`
export const odd = "aksjhdlash sajlhj!@#$%^&*()_+=-[]{}';:\"/.<>?.,??sadasd#/.,/~`"

export const sdk = (options: object = {}) =>
  Effect.map(
    Emulator,
    ({ credentials, endpoint }) =>
      new COS({
        SecretId: credentials.secretId,
        SecretKey: Redacted.value(credentials.secretKey),
        Protocol: "http:",
        Proxy: endpoint,
        ...options
      })
  )

export type Answer = Readonly<Record<string, unknown>> & { readonly headers?: Readonly<Record<string, string>> }

/** Calls a method by its name. */
export const call = (
  method: keyof COS,
  params: object = {},
  options: object = {}
): Effect.Effect<Answer, Answer, Emulator> =>
  Effect.flatMap(sdk(options), (cos) =>
    Effect.tryPromise({
      try: () => (cos[method] as (params: object) => Promise<Answer>).call(cos, { ...at, ...params }),
      catch: (error) => error as Answer
    })
  )

export const put = (Key: string, params: object = {}) => call("putObject", { Key, Body: "hello", ...params })

export const head = (Key: string) => Effect.map(call("headObject", { Key }), ({ headers = {} }) => headers)

/** Opens a link, through the proxy. */
export const open = (url: string) =>
  Effect.gen(function* () {
    const { address } = yield* Emulator
    return yield* Effect.async<{ readonly status: number | undefined; readonly text: string }>((resume) => {
      Http.get(
        { host: address?.host, port: address?.port, path: url, headers: { host: new URL(url).host } },
        (answer) => {
          const chunks: Array<Buffer> = []
          answer.on("data", (chunk: Buffer) => chunks.push(chunk))
          answer.on("end", () =>
            resume(Effect.succeed({ status: answer.statusCode, text: Buffer.concat(chunks).toString() }))
          )
        }
      )
    })
  })

export const urlOf = (params: object) =>
  Effect.flatMap(sdk(), (cos) =>
    Effect.async<string>((resume) => {
      cos.getObjectUrl({ ...at, ...params } as COS.GetObjectUrlParams, (_, { Url }) => resume(Effect.succeed(Url)))
    })
  )

export const link = (key: string, query: string) => `http://${host}/${key}?${query}`
