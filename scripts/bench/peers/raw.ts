/** The least work that does the job on Node: undici, signatures by hand, reused buffers, and no checks. */
import * as Crypto from "node:crypto"
import { createWriteStream } from "node:fs"
import { open, readFile, writeFile } from "node:fs/promises"
import * as undici from "undici"
import { fileOf, keyOf, MiB, out, smallFileOf, smallKeyOf } from "../data.js"
import { concurrency, inParallel, secretId, secretKey, small, type Variant, workers } from "../variants.js"

const hmac = (key: string, text: string) => Crypto.createHmac("sha1", key).update(text).digest("hex")

const now = Math.floor(Date.now() / 1000)
const time = `${now - 60};${now + 3600}`
const signKey = hmac(secretKey, time)

const signed = (method: string, path: string, host: string): { readonly [name: string]: string } => {
  const request = `${method.toLowerCase()}\n${path}\n\nhost=${encodeURIComponent(host)}\n`
  const hash = Crypto.createHash("sha1").update(request).digest("hex")
  const signature = hmac(signKey, `sha1\n${time}\n${hash}\n`)
  return {
    host,
    authorization:
      `q-sign-algorithm=sha1&q-ak=${secretId}&q-sign-time=${time}&q-key-time=${time}` +
      `&q-header-list=host&q-url-param-list=&q-signature=${signature}`
  }
}

const request = (origin: string) => {
  const dispatcher = new undici.Agent()
  const { host } = new URL(origin)
  return async (method: undici.Dispatcher.HttpMethod, path: string, query = "", body: Uint8Array | null = null) => {
    const headers = signed(method, path, host)
    // Without `reset: false` undici closes the connection after every HEAD.
    return undici.request(origin + path + query, { dispatcher, method, headers, body, reset: false })
  }
}

export const put: Variant = (origin) => {
  const send = request(origin)
  return inParallel(concurrency, async (i) => (await send("PUT", `/small/${i}`, "", small)).body.dump())
}

export const head: Variant = (origin) => {
  const send = request(origin)
  return inParallel(concurrency, async () => (await send("HEAD", `/${keyOf(1)}`)).body.dump())
}

export const list =
  (parse: (xml: string) => unknown): Variant =>
  (origin) => {
    const send = request(origin)
    return inParallel(1, async () => parse(await (await send("GET", "/", "?encoding-type=url")).body.text()))
  }

export const upload =
  (partSize: number): Variant =>
  (origin) => {
    const send = request(origin)
    const buffers = Array.from({ length: workers }, () => new Uint8Array(partSize))
    return async (count) => {
      const path = `/${keyOf(count)}`
      const file = await open(fileOf(count))
      await (await send("POST", path, "?uploads")).body.dump()
      await inParallel(workers, async (i) => {
        const buffer = buffers.pop() as Uint8Array<ArrayBuffer>
        await file.read(buffer, 0, partSize, i * partSize)
        await (await send("PUT", path, `?partNumber=${i + 1}&uploadId=1`, buffer)).body.dump()
        buffers.push(buffer)
      })((count * MiB) / partSize)
      await (await send("POST", path, "?uploadId=1")).body.dump()
      await file.close()
      return undefined
    }
  }

export const uploadFiles =
  (atOnce: number): Variant =>
  (origin) => {
    const send = request(origin)
    return inParallel(atOnce, async (i) =>
      (await send("PUT", `/${smallKeyOf(i)}`, "", await readFile(smallFileOf(i)))).body.dump()
    )
  }

export const downloadFiles =
  (atOnce: number): Variant =>
  (origin) => {
    const send = request(origin)
    return inParallel(atOnce, async (i) =>
      writeFile(`${out}/${smallKeyOf(i)}`, await (await send("GET", `/${smallKeyOf(i)}`)).body.bytes())
    )
  }

/** One request for the whole object, piped into a write stream. */
export const download: Variant = (origin) => {
  const dispatcher = new undici.Agent()
  const { host } = new URL(origin)
  return async (count) => {
    const path = `/${keyOf(count)}`
    const headers = signed("GET", path, host)
    await undici.stream(origin + path, { dispatcher, method: "GET", headers }, () => createWriteStream(`${out}/large`))
    return undefined
  }
}
