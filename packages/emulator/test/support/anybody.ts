/** What anybody does who has no key: forms, and text that is written to the port as it is. */
import * as Net from "node:net"
import * as Effect from "effect/Effect"
import { Emulator } from "effect-cos-emulator/Emulator"
import { bucket, type Send } from "./client.js"

export const anybody = { name: bucket, acl: "public-read-write" } as const

/** Writes text to the port and reads until the connection ends, or `milliseconds` are over. */
export const converse = (text: string, options: { readonly milliseconds?: number } = {}) =>
  Effect.flatMap(Emulator, ({ address }) =>
    Effect.async<string>((resume) => {
      const socket = Net.connect(address?.port ?? 0, "127.0.0.1")
      let got = ""
      const timer = setTimeout(() => {
        socket.destroy()
        got += "<still open>"
      }, options.milliseconds ?? 5000)
      socket.setEncoding("latin1").on("data", (chunk) => {
        got += chunk
      })
      socket.on("error", () => {})
      socket.on("close", () => {
        clearTimeout(timer)
        resume(Effect.succeed(got))
      })
      socket.write(text, "latin1")
    })
  )

/** The lines of a response's head. */
export const headOf = (response: string): ReadonlyArray<string> => (response.split("\r\n\r\n")[0] ?? "").split("\r\n")

export const form = (fields: ReadonlyArray<readonly [name: string, value: string]>, file = "content"): Send => {
  const parts = [
    ...fields.map(([name, value]) => `--B\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`),
    `--B\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n${file}\r\n--B--\r\n`
  ]
  return { as: null, headers: { "content-type": "multipart/form-data; boundary=B" }, body: parts.join("") }
}
