/** The official SDK with what its user has to write for what ours does by itself. */
import { randomUUID } from "node:crypto"
import { open, rename, rm } from "node:fs/promises"
import * as Crc64 from "effect-cos/Crc64"
import { out, smallKeyOf } from "../data.js"
import { inParallel, type Variant } from "../variants.js"
import { at, client, limit } from "./official.js"

/** It knows no checksum but MD5, so that this one is ours. */
export const downloadFiles =
  (atOnce: number): Variant =>
  (origin) => {
    const cos = client(origin, limit(atOnce))
    const download = async (Key: string, path: string): Promise<void> => {
      const temporary = `${path}.${randomUUID()}.tmp`
      try {
        const { Body, headers } = await cos.getObject({ ...at, Key })
        const checksum = String(Crc64.of(Body))
        if (headers?.["x-cos-hash-crc64ecma"] !== checksum) throw new Error(`${Key} came with the checksum ${checksum}`)
        const file = await open(temporary, "wx")
        try {
          await file.writeFile(Body)
          await file.sync()
        } finally {
          await file.close()
        }
        await rename(temporary, path)
      } catch (error) {
        await rm(temporary, { force: true })
        throw error
      }
    }
    return inParallel(atOnce, (i) => download(smallKeyOf(i), `${out}/${smallKeyOf(i)}`))
  }
