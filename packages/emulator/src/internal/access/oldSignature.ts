/**
 * The signature of COS's old JSON API, which still opens links: `sign=base64(HMAC-SHA1(secret key, text) + text)` with the
 * text `a=<appid>&b=<bucket without it>&k=<key id>&t=<from>&e=<until>&r=<random>&f=/<appid>/<bucket>/<key>`.
 */
import { createHmac } from "node:crypto"
import * as Either from "effect/Either"
import { type CosFailure, failure } from "../http/failure.js"
import type { Target } from "../http/target.js"
import { equalInConstantTime } from "./constantTime.js"
import { checkTime, maxSkew } from "./signature.js"

/** Not yet verified. */
export interface OldSignature {
  readonly accessKeyId: string
  readonly text: string
  readonly digest: string
  readonly fields: URLSearchParams
}

/** In bytes. */
const digestLength = 20

/** The signature in a `sign` parameter; `undefined` if it holds something else. */
export const parse = (sign: string): OldSignature | undefined => {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(sign)) return undefined
  const bytes = Buffer.from(sign, "base64")
  const text = bytes.subarray(digestLength).toString()
  if (!/^a=\d*&b=[^&]*&k=[^&]*&/.test(text)) return undefined
  const fields = new URLSearchParams(text.replaceAll("+", "%2B"))
  return { accessKeyId: fields.get("k") ?? "", text, digest: bytes.toString("hex", 0, digestLength), fields }
}

/** Checks a signature with the secret key at `now` (unix seconds). An empty `f` stands for every key of the bucket. */
export const verify = (
  { digest, fields, text }: OldSignature,
  secretKey: string,
  now: number,
  target: Target
): Either.Either<void, CosFailure> =>
  Either.gen(function* () {
    const start = Number(fields.get("t"))
    // Its makers round to the nearest second, which may be the next one.
    yield* checkTime("t;e of sign", `${start > now && start <= now + maxSkew ? now : start};${fields.get("e")}`, now)
    const [appId, bucket] = [fields.get("a"), fields.get("b")]
    const file = fields.get("f") ?? ""
    const path = `/${appId}/${bucket}/${(target.key ?? "").replace(/^\/+/, "")}`
    const isTarget = target.bucket === `${bucket}-${appId}` && (file === "" || file === path)
    if (!isTarget || !equalInConstantTime(createHmac("sha1", secretKey).update(text).digest("hex"), digest)) {
      return yield* Either.left(failure("SignatureDoesNotMatch"))
    }
  })
