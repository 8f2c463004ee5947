/** By what a file is known to be the same, unchanged file: what `stat` says of it. */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { SourceChanged } from "../../CosError.js"
import type { FileInfo } from "../../CosFileSystem.js"
import { fileSteps } from "./steps.js"

export interface FileFingerprint {
  /** Bytes. */
  readonly size: number
  /** Milliseconds since 1970. */
  readonly mtime: number | undefined
  /** Device and inode. */
  readonly identity: string | undefined
  /** When content or attributes were last changed, in nanoseconds: no program can set it back. */
  readonly ctime: bigint | undefined
}

interface NodeStats {
  readonly dev: bigint
  readonly ino: bigint
  readonly size: bigint
  readonly mtimeMs: bigint
  readonly ctimeNs: bigint
}

interface NodeFs {
  readonly stat: (
    path: string,
    options: { readonly bigint: true },
    callback: (error: unknown, stats: NodeStats) => void
  ) => void
  readonly statSync: (
    path: string,
    options: { readonly bigint: true; readonly throwIfNoEntry: false }
  ) => NodeStats | undefined
}

declare const globalThis: {
  readonly process?: { readonly getBuiltinModule?: (id: string) => unknown }
}

/** Node, Bun and Deno have it; no bundler sees an import. */
const nodeFs = globalThis.process?.getBuiltinModule?.("node:fs") as NodeFs | undefined

type Info = Pick<FileSystem.File.Info, "size" | "mtime" | "dev" | "ino">

const isSameFile = (info: Info, stats: NodeStats): boolean =>
  Number(stats.dev) === info.dev &&
  Option.contains(info.ino, Number(stats.ino)) &&
  stats.size === BigInt(info.size) &&
  // A `Date` of Node's is rounded, the other is cut off.
  Option.exists(info.mtime, (mtime) => Math.abs(Number(stats.mtimeMs) - mtime.getTime()) <= 1)

/** The file systems that have been seen to be that of the machine, and not one in memory or elsewhere. */
const ofMachine = new WeakSet<FileSystem.FileSystem>()

const isOfMachine = (node: NodeFs, fs: FileSystem.FileSystem, path: string, info: Info): boolean => {
  if (ofMachine.has(fs)) return true
  try {
    const stats = node.statSync(path, { bigint: true, throwIfNoEntry: false })
    if (stats === undefined || !isSameFile(info, stats)) return false
  } catch {
    return false
  }
  ofMachine.add(fs)
  return true
}

/** The platform's `FileSystem` gives no ctime, so that Node is asked for it, where the file system is Node's. */
const ctimeOf = (path: string, info: Info, fs: FileSystem.FileSystem) =>
  nodeFs === undefined || !isOfMachine(nodeFs, fs, path, info)
    ? Effect.succeed(undefined)
    : Effect.async<bigint | undefined>((resume) => {
        nodeFs.stat(path, { bigint: true }, (error, stats) =>
          resume(Effect.succeed(!error && isSameFile(info, stats) ? stats.ctimeNs : undefined))
        )
      })

const make = (info: Info, ctime: bigint | undefined): FileFingerprint => ({
  size: Number(info.size),
  mtime: Option.getOrUndefined(info.mtime)?.getTime(),
  identity: Option.match(info.ino, { onNone: () => undefined, onSome: (ino) => `${info.dev}:${ino}` }),
  ctime
})

/** Of a file system that tells the ctime. */
export const fromWholeInfo = (info: FileInfo): FileFingerprint => make(info, info.ctime)

/** Only of a file system that tells the ctime. */
export const ifWhole = (info: Info | FileInfo): FileFingerprint | undefined =>
  "ctime" in info ? fromWholeInfo(info) : undefined

export const fromInfo = (
  path: string,
  info: Info | FileInfo
): Effect.Effect<FileFingerprint, never, FileSystem.FileSystem> =>
  "ctime" in info
    ? Effect.succeed(fromWholeInfo(info))
    : Effect.map(
        Effect.flatMap(FileSystem.FileSystem, (fs) => ctimeOf(path, info, fs)),
        (ctime) => make(info, ctime)
      )

export const ofFile = (path: string): Effect.Effect<FileFingerprint, PlatformError, FileSystem.FileSystem> =>
  Effect.flatMap(infoOf(path), (info) => fromInfo(path, info))

/** With its ctime, where that takes no other call. */
const infoOf = (path: string): Effect.Effect<Info, PlatformError, FileSystem.FileSystem> =>
  Effect.flatMap(
    fileSteps,
    (steps): Effect.Effect<Info, PlatformError, FileSystem.FileSystem> =>
      steps === undefined ? Effect.flatMap(FileSystem.FileSystem, (fs) => fs.stat(path)) : steps.stat(path)
  )

const fields = ["size", "mtime", "identity", "ctime"] as const

/** The first thing in which the file differs from what it was. */
export const difference = (path: string, before: FileFingerprint, now: FileFingerprint): SourceChanged | undefined => {
  const field = fields.find(
    (field) => before[field] !== now[field] && (field !== "ctime" || before.ctime !== undefined)
  )
  return field === undefined ? undefined : changed(path, field, before[field], now[field])
}

export const changed = (
  path: string,
  field: SourceChanged["field"],
  expected: unknown,
  actual: unknown
): SourceChanged => new SourceChanged({ source: path, field, expected: String(expected), actual: String(actual) })
