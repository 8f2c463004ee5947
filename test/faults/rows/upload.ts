/** What the rows of uploads have in common. */
import * as Cos from "effect-cos/Cos"
import * as Crc64 from "effect-cos/Crc64"
import * as Upload from "effect-cos/Upload"
import { content, MiB } from "../../support/content.js"

export const data = content(2 * MiB + 5)
export const other = content(1000, 2)
export const crc64 = Crc64.of(data)
export const path = "/data"
export const given = { files: { [path]: data } }
export const replacement = content(data.byteLength, 2)

/** The clock is the row's: nothing ticks. */
export const options = { partSize: MiB, threshold: 0, concurrency: 1, progressInterval: "1 day" } as const

export const upload = (more: Upload.ResumableUploadOptions = {}, target: Partial<Upload.UploadTarget> = {}) =>
  Upload.bytes({ key: "a", bytes: data, ...target }, { ...options, ...more })

export const file = (more: Upload.ResumableUploadOptions = {}, target: Partial<Upload.UploadTarget> = {}) =>
  Upload.file({ key: "a", path, ...target }, { ...options, ...more })

export const begin = (key: string) => Cos.initiateMultipartUpload({ key })

export const whole = { initiateMultipartUpload: 1, uploadPart: 3, completeMultipartUpload: 1 }
export const aborted = { initiateMultipartUpload: 1, uploadPart: 3, abortMultipartUpload: 1 }
export const stored = { objects: { a: data } }

export const complete = "completeMultipartUpload"
export const initiate = "initiateMultipartUpload"
export const abort = "abortMultipartUpload"
