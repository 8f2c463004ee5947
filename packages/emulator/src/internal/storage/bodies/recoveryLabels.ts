/**
 * Labels: what a body's file says of itself, behind the bytes of the body. They prove to which object or part the bytes
 * belong when the records are damaged or gone; nothing else reads them.
 *
 * A label is written before the transaction that names the body commits, so a file may carry one of a write that was never
 * acknowledged. If several name one record, the one with the highest sequence number is right.
 */
import { Buffer } from "node:buffer"
import { closeSync, fstatSync, openSync, readSync, writeSync } from "node:fs"
import { crc32 } from "node:zlib"
import { Packr } from "msgpackr"

/** What one transaction did to a record whose bytes are in the file. */
export interface Label {
  /** The commit that it belongs to. */
  readonly sequence: number
  /** The key of the record. */
  readonly at: string
  /** The record; absent when it was removed or replaced and the file stays for others. */
  readonly value?: unknown
  /** Records without which this one means nothing: its bucket, and the upload of a part. */
  readonly companions: ReadonlyArray<readonly [key: string, value: unknown]>
  /** Keys of uploads that the transaction ended. */
  readonly ended: ReadonlyArray<string>
}

interface Written extends Label {
  /** Bytes of the body, which the labels follow. */
  readonly size: number
}

const packr = new Packr()
const prefix = "\neffect-cos-label "

/** The checksum covers the name of the file, so that no uploaded bytes can pass for a label of it. */
const checksum = (body: string, text: string): string => crc32(`${body} ${text}`).toString(16).padStart(8, "0")

/** Each label is a line, so that the next one stays readable if a crash cuts it. */
export const write = (path: string, body: string, size: number, label: Label): void => {
  const text = Buffer.from(packr.pack({ ...label, size } satisfies Written)).toString("base64")
  const bytes = Buffer.from(`${prefix}${checksum(body, text)} ${text}\n`, "latin1")
  const descriptor = openSync(path, "r+")
  try {
    const end = fstatSync(descriptor).size
    // the file was cut from outside: what is left proves nothing
    if (end < size) return
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(descriptor, bytes, done, bytes.length - done, end + done)
    }
  } finally {
    closeSync(descriptor)
  }
}

/** Labels are at the end of a file. This many bytes of it are searched. */
const searched = 8 * 1024 * 1024

const parse = (body: string, line: string): Written | undefined => {
  const [sum, text = ""] = line.split(" ")
  if (sum !== checksum(body, text)) return undefined
  return packr.unpack(Buffer.from(text, "base64"))
}

/** The intact labels of a file, in the order in which they were written. */
export const read = (path: string, body: string): ReadonlyArray<Label> => {
  const descriptor = openSync(path, "r")
  try {
    const { size } = fstatSync(descriptor)
    const start = Math.max(0, size - searched)
    const bytes = Buffer.alloc(size - start)
    for (let done = 0; done < bytes.length; ) {
      const read = readSync(descriptor, bytes, done, bytes.length - done, start + done)
      if (read === 0) break
      done += read
    }
    const labels: Array<Label> = []
    for (let at = bytes.indexOf(prefix); at !== -1; at = bytes.indexOf(prefix, at + 1)) {
      const end = bytes.indexOf("\n", at + prefix.length)
      if (end === -1) break
      const label = parse(body, bytes.toString("latin1", at + prefix.length, end))
      if (label !== undefined) labels.push(label)
    }
    return labels
  } finally {
    closeSync(descriptor)
  }
}
