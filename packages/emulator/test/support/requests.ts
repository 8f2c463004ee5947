/**
 * Short ways to send requests to an emulator in process and to look at what comes back.
 */
import { createHash } from "node:crypto"
import * as Effect from "effect/Effect"
import { layer } from "effect-cos-emulator/Emulator"
import { bucket, send } from "./client.js"

/** One bucket, and parts as small as tests like them. */
export const emulator = layer({ buckets: [bucket], minPartSize: 5, strict: true })
/** One bucket that keeps versions. */
export const versioned = layer({ buckets: [{ name: bucket, versioning: "Enabled" }], strict: true })

/** What Content-MD5 says. */
export const md5 = (text: string | Buffer) => createHash("md5").update(text).digest("base64")
/** The texts of the elements of a name. */
export const elements = (text: string, name: string) =>
  Array.from(text.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "g")), ([, value]) => value)
export const element = (text: string, name: string) => elements(text, name)[0]
/** Stores an object. */
export const put = (key: string, body = "x", headers: Record<string, string> = {}) =>
  send("PUT", { key, body, headers })
export const code = (...[method, options]: Parameters<typeof send>) =>
  Effect.map(send(method, options), (answer) => answer.code ?? answer.status)
