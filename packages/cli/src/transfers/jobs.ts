/**
 * From the words of `cp` and `mv` to what is transferred: each source is a file, an object, a tree or a stream.
 */

import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Address from "../address.js"
import { UsageError } from "../contract/errors.js"

/** Where the objects of a source, or of a target, are. */
export interface Place {
  readonly bucket: string | undefined
  readonly region?: string | undefined
  /** Of a source that is one object: this version of it. */
  readonly versionId?: string | undefined
}

export interface Named {
  readonly source: string
  readonly target: string
}

/** One source, or several of one kind. */
export type Job =
  | {
      readonly _tag: "UploadTree"
      readonly directory: string
      readonly to: Place
      readonly prefix: string
      readonly include?: string
    }
  | {
      readonly _tag: "DownloadTree"
      readonly from: Place
      readonly prefix: string
      readonly directory: string
      readonly include?: string
    }
  | {
      readonly _tag: "CopyTree"
      readonly from: Place
      readonly prefix: string
      readonly to: Place
      readonly toPrefix: string
      readonly include?: string
    }
  | {
      readonly _tag: "UploadFiles"
      readonly to: Place
      readonly files: ReadonlyArray<{ readonly path: string; readonly key: string }>
    }
  | {
      readonly _tag: "DownloadFiles"
      readonly from: Place
      readonly files: ReadonlyArray<{ readonly key: string; readonly path: string }>
    }
  | {
      readonly _tag: "CopyObjects"
      readonly from: Place
      readonly to: Place
      readonly files: ReadonlyArray<{ readonly key: string; readonly target: string }>
    }
  | { readonly _tag: "FromInput"; readonly to: Place; readonly key: string }
  | { readonly _tag: "ToOutput"; readonly from: Place; readonly key: string }

const wrong = (message: string, advice?: string) => Effect.fail(new UsageError({ message, advice }))

const special = /[*?[{]/

/** The folder before the first special character, and the pattern after it. */
const splitGlob = (text: string): readonly [folder: string, pattern: string] => {
  const at = text.lastIndexOf("/", text.search(special)) + 1
  const pattern = text.slice(at)
  return [text.slice(0, at), pattern.startsWith("!") ? `\\${pattern}` : pattern]
}

const asFolder = (prefix: string): string => (prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`)

const baseName = (name: string): string => name.slice(name.replace(/\/+$/, "").lastIndexOf("/") + 1)

interface Choices {
  readonly recursive: boolean
  readonly literal: boolean
  readonly sourceRegion: string | undefined
  readonly versionId: string | undefined
  /** What `cos:///key` means. */
  readonly defaultBucket: string | undefined
  readonly isMove: boolean
}

const placeOf = ({ bucket }: Address.Remote, { sourceRegion, versionId }: Choices): Place => ({
  bucket,
  region: sourceRegion,
  versionId
})

/** Whether a directory is at a path. */
const isDirectory = (path: string) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) =>
    Effect.orElseSucceed(
      Effect.map(fs.stat(path), ({ type }) => type === "Directory"),
      () => false
    )
  )

/** The source of a copy. In the SDK one without a bucket is in the target's, and here in the default bucket. */
const besides = (target: Address.Remote, from: Place, { defaultBucket }: Choices): Effect.Effect<Place, UsageError> =>
  from.bucket !== undefined || target.bucket === undefined
    ? Effect.succeed(from)
    : defaultBucket === undefined
      ? wrong("no bucket is named for the source", "Write cos://bucket-appid/…, or set --bucket or COS_BUCKET")
      : Effect.succeed({ ...from, bucket: defaultBucket })

type Made = Effect.Effect<Job, UsageError | PlatformError, FileSystem.FileSystem | Path.Path>
type Source = Address.Address & { readonly text: string }

const toRemote = (source: Source, target: Address.Remote, isFolder: boolean, choices: Choices): Made =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const to: Place = { bucket: target.bucket }
    const folder = asFolder(target.key)
    const keyFor = (name: string) => (isFolder ? folder + baseName(name) : target.key)
    if (source._tag === "Standard") {
      if (isFolder) return yield* wrong("what comes from standard input needs a key", "Write the key after the bucket")
      return { _tag: "FromInput", to, key: target.key }
    }
    if (source._tag === "Local") {
      const { path } = source
      if (yield* isDirectory(path)) return { _tag: "UploadTree", directory: path, to, prefix: folder }
      const isGlob =
        !choices.literal && special.test(path) && !(yield* Effect.orElseSucceed(fs.exists(path), () => true))
      if (isGlob) {
        const [directory, include] = splitGlob(path)
        return { _tag: "UploadTree", directory: directory || ".", to, prefix: folder, include }
      }
      return { _tag: "UploadFiles", to, files: [{ path, key: keyFor(path) }] }
    }
    const from = yield* besides(target, placeOf(source, choices), choices)
    const tree = treeOf(source, choices)
    if (tree !== undefined) return { _tag: "CopyTree", from, to, toPrefix: folder, ...tree }
    return { _tag: "CopyObjects", from, to, files: [{ key: source.key, target: keyFor(source.key) }] }
  })

/** The tree that an address stands for, if it stands for more than one object. */
const treeOf = ({ key }: Address.Remote, { literal, recursive }: Choices) => {
  if (!literal && special.test(key)) {
    const [prefix, include] = splitGlob(key)
    return { prefix, include }
  }
  return key === "" || key.endsWith("/") || recursive ? { prefix: asFolder(key) } : undefined
}

const toLocal = (source: Source, path: string, isFolder: boolean, choices: Choices): Made =>
  Effect.gen(function* () {
    const { join } = yield* Path.Path
    if (source._tag !== "Remote") {
      return yield* wrong(
        "neither the source nor the target is in COS",
        "Write cos://bucket-appid/key for one of them, or cos:///key for the bucket of COS_BUCKET"
      )
    }
    const from = placeOf(source, choices)
    const tree = treeOf(source, choices)
    if (tree !== undefined) return { _tag: "DownloadTree", from, directory: path, ...tree }
    return {
      _tag: "DownloadFiles",
      from,
      files: [{ key: source.key, path: isFolder ? join(path, baseName(source.key)) : path }]
    }
  })

/** Single files of one kind that follow one another become one job. */
const together = (jobs: ReadonlyArray<Job>): ReadonlyArray<Job> => {
  const all: Array<Job> = []
  const same = (a: Place, b: Place) => a.bucket === b.bucket
  for (const job of jobs) {
    const last = all.at(-1)
    if (last?._tag === "UploadFiles" && job._tag === "UploadFiles") {
      all[all.length - 1] = { ...last, files: [...last.files, ...job.files] }
    } else if (last?._tag === "DownloadFiles" && job._tag === "DownloadFiles" && same(last.from, job.from)) {
      all[all.length - 1] = { ...last, files: [...last.files, ...job.files] }
    } else if (last?._tag === "CopyObjects" && job._tag === "CopyObjects" && same(last.from, job.from)) {
      all[all.length - 1] = { ...last, files: [...last.files, ...job.files] }
    } else all.push(job)
  }
  return all
}

/** The targets of single files. */
const targetsOf = (job: Job): ReadonlyArray<string> => {
  switch (job._tag) {
    case "UploadFiles":
      return job.files.map(({ key }) => key)
    case "DownloadFiles":
      return job.files.map(({ path }) => path)
    case "CopyObjects":
      return job.files.map(({ target }) => target)
    default:
      return []
  }
}

/** No source may take the place of another: of a move, it would be lost. */
const refuseCollisions = (jobs: ReadonlyArray<Job>, isMove: boolean): Effect.Effect<void, UsageError> => {
  const seen = new Set<string>()
  for (const target of jobs.flatMap(targetsOf)) {
    if (seen.has(target))
      return wrong(`two sources would become ${target}`, "Copy them one by one, each with its target")
    seen.add(target)
  }
  return isMove && jobs.length > 1 && jobs.some(({ _tag }) => _tag.endsWith("Tree"))
    ? wrong("beside a directory, prefix or pattern nothing else can be moved", "Two files of one name would become one")
    : Effect.void
}

/** What the words ask for. */
export const read = (
  words: ReadonlyArray<string>,
  choices: Choices
): Effect.Effect<ReadonlyArray<Job>, UsageError | PlatformError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const [target, ...reversed] = [...words].reverse()
    if (target === undefined || reversed.length === 0) {
      return yield* wrong("a source and a target are needed", "Such as `cos cp photos cos:///photos/`")
    }
    const to = yield* Address.parse(target)
    const sources = yield* Effect.forEach(reversed.reverse(), (text) =>
      Effect.map(Address.parse(text), (address): Source => ({ ...address, text }))
    )
    const isMany = sources.length > 1
    if (to._tag === "Standard") {
      const [source] = sources
      if (isMany || source?._tag !== "Remote" || source.key === "" || source.key.endsWith("/")) {
        return yield* wrong("only one object can go to standard output", "Write cos://bucket-appid/key -")
      }
      return [{ _tag: "ToOutput", from: placeOf(source, choices), key: source.key }]
    }
    const isFolder =
      to._tag === "Remote"
        ? to.key === "" || to.key.endsWith("/")
        : /[\\/]$/.test(to.path) || (yield* isDirectory(to.path))
    if (isMany && !isFolder && to._tag === "Remote") {
      return yield* wrong("several sources need a target that ends in /", "Write cos://bucket-appid/folder/")
    }
    if (isMany && !isFolder && to._tag === "Local") {
      return yield* wrong("several sources need a directory as their target", "End the path with /")
    }
    const jobs = together(
      yield* Effect.forEach(sources, (source) =>
        to._tag === "Remote" ? toRemote(source, to, isFolder, choices) : toLocal(source, to.path, isFolder, choices)
      )
    )
    yield* refuseCollisions(jobs, choices.isMove)
    const [job] = jobs
    const isOneObject = !isMany && (job?._tag === "DownloadFiles" || job?._tag === "CopyObjects")
    return choices.versionId === undefined || isOneObject
      ? jobs
      : yield* wrong("--version-id goes with one object as the source")
  })
