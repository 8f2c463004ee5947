/** The official SDK, with the checks that it makes by default. */
import { createWriteStream } from "node:fs"
import COS from "cos-nodejs-sdk-v5"
import { fileOf, keyOf, MiB, out, smallFiles, smallKeyOf } from "../data.js"
import {
  bucket,
  concurrency,
  inParallel,
  region,
  secretId,
  secretKey,
  small,
  type Variant,
  workers
} from "../variants.js"

export const at = { Bucket: bucket, Region: region }
const body = Buffer.from(small)

export const client = (origin: string, options: COS.COSOptions = {}): COS =>
  new COS({
    SecretId: secretId,
    SecretKey: secretKey,
    Protocol: "http:",
    Domain: new URL(origin).host,
    FileParallelLimit: concurrency,
    ...options
  })

export const put: Variant = (origin) => {
  const cos = client(origin)
  return inParallel(concurrency, (i) => cos.putObject({ ...at, Key: `small/${i}`, Body: body }))
}

export const head: Variant = (origin) => {
  const cos = client(origin)
  return inParallel(concurrency, () => cos.headObject({ ...at, Key: keyOf(1) }))
}

export const list: Variant = (origin) => {
  const cos = client(origin)
  return inParallel(1, () => cos.getBucket({ ...at, EncodingType: "url" }))
}

export const upload =
  (partSize: number): Variant =>
  (origin) => {
    const cos = client(origin, { ChunkSize: partSize, ChunkParallelLimit: workers })
    return async (count) => {
      await cos.sliceUploadFile({ ...at, Key: keyOf(count), FilePath: fileOf(count) })
      return undefined
    }
  }

export const download: Variant = (origin) => {
  const cos = client(origin)
  return async (count) => {
    const FilePath = `${out}/large`
    await cos.downloadFile({ ...at, Key: keyOf(count), FilePath, ChunkSize: 8 * MiB, ParallelLimit: workers })
    return undefined
  }
}

/** Without a number as many at once as it takes by itself, which is 3. */
export const limit = (atOnce: number | undefined): COS.COSOptions => ({ FileParallelLimit: atOnce ?? 3 })

export const uploadFiles =
  (atOnce?: number): Variant =>
  (origin) => {
    const cos = client(origin, limit(atOnce))
    return async (count) => {
      const files = smallFiles(count).map(({ key, path }) => ({ ...at, Key: key, FilePath: path }))
      const { files: results } = await cos.uploadFiles({ files, SliceSize: MiB })
      const failed = results.find(({ error }) => error)
      if (failed !== undefined) throw failed.error
      return undefined
    }
  }

/** It has no call for many downloads. */
export const downloadFiles =
  (atOnce?: number): Variant =>
  (origin) => {
    const cos = client(origin, limit(atOnce))
    return inParallel(atOnce ?? 3, (i) =>
      cos.getObject({ ...at, Key: smallKeyOf(i), Output: createWriteStream(`${out}/${smallKeyOf(i)}`) })
    )
  }
