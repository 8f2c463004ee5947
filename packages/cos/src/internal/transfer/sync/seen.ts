/** What a plan remembers of what it saw. */
import * as Option from "effect/Option"
import type { Seen } from "../../../Sync.js"
import * as fileFingerprint from "../../file/fileFingerprint.js"
import type { Info } from "../tree/inspectPath.js"
import type { Listed } from "./entries.js"

/** A file, which the run that made the plan knows again. */
export class SeenFile implements Seen {
  readonly size: number
  readonly lastModified: Date | undefined
  readonly eTag = undefined
  readonly inode: string | undefined
  /** No part of a plan that is kept: numbers of devices may change when a system starts again. */
  readonly #fingerprint: fileFingerprint.FileFingerprint | undefined

  constructor(info: Info) {
    this.size = Number(info.size)
    this.lastModified = Option.getOrUndefined(info.mtime)
    this.inode = Option.getOrUndefined(Option.map(info.ino, String))
    this.#fingerprint = fileFingerprint.ifWhole(info)
  }

  /** By what the file is known again, where its file system tells all of it. */
  static fingerprintOf(seen: Seen): fileFingerprint.FileFingerprint | undefined {
    return #fingerprint in seen ? seen.#fingerprint : undefined
  }
}

export const seenOf = ({ entry: { eTag, lastModified, size }, info }: Listed): Seen =>
  info === undefined ? { size, lastModified, eTag, inode: undefined } : new SeenFile(info)
