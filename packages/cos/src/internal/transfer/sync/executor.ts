/** How a name is made the same on the other side, and how it is removed there. */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Copy from "../../../Copy.js"
import type { CosClient } from "../../../CosClient.js"
import { SourceChanged, UnsafeKey } from "../../../CosError.js"
import * as object from "../../../operations/object.js"
import type { Action, Omission, Options, Prefix, SyncError } from "../../../Sync.js"
import { RealPaths } from "../../file/absolutePath.js"
import type { FileFingerprint } from "../../file/fileFingerprint.js"
import * as fileFingerprint from "../../file/fileFingerprint.js"
import { fileSteps } from "../../file/steps.js"
import { makeTemporaryName } from "../../file/temporaryName.js"
import { effectiveLocation } from "../../http/effectiveSettings.js"
import * as downloadFile from "../download/file.js"
import * as oneDownload from "../download/oneFile.js"
import { defaultLimits } from "../interruptLimit.js"
import type { UploadResult } from "../model.js"
import { type Inspected, inspectBelow, inspectPath, openRoot, type Root } from "../tree/inspectPath.js"
import * as roots from "../tree/sandbox.js"
import type { EndLimits } from "../upload/abortUpload.js"
import * as oneUpload from "../upload/oneFile.js"
import * as uploadSettings from "../upload/settings.js"
import { fingerprintBelow, targetIdentity } from "./compare.js"
import { unsafeName } from "./plan.js"
import type { Route } from "./route.js"
import { SeenFile } from "./seen.js"
import * as states from "./stateFile.js"

type Services = CosClient | FileSystem.FileSystem | Path.Path
export type Deletion = Extract<Action, { readonly _tag: "Delete" }>
export type Transfer = Extract<Action, { readonly _tag: "Transfer" }>

export interface Executor {
  readonly transfer: (action: Transfer) => Effect.Effect<void, SyncError, Services>
  /** How long transfers may take to end when they are interrupted. */
  readonly ends: EndLimits
  readonly roots: { readonly source: Root | undefined; readonly target: Root | undefined }
  /** Why nothing was removed: it was gone, or is to stay. */
  readonly remove: (deletion: Deletion) => Effect.Effect<Omission["reason"] | "Absent" | undefined, SyncError, Services>
  /** Makes room for a transfer that failed because a folder is in the place of its file: an empty one is removed. */
  readonly makeRoom: (name: string) => Effect.Effect<void, SyncError, Services>
}

const objectOf = ({ bucket, prefix, region }: Prefix, name: string) => ({ bucket, region, key: prefix + name })

/** How often a file that keeps changing is sent. */
const attempts = 3

// --- up --------------------------------------------------------------------------------------------------------------

const uploads = (
  route: Extract<Route, { readonly way: "up" }>,
  options: Options,
  root: Root,
  parts: number | undefined,
  state: states.State | undefined,
  join: Path.Path["join"]
) => {
  const { storageClass, ...transfer } = options.transfer ?? {}
  const ofEach = { ...transfer, concurrency: parts }
  const filled = uploadSettings.fromOptions("Upload.file", ofEach)
  const note = (name: string, before: FileFingerprint, at: number, { eTag, size }: UploadResult) =>
    state === undefined || eTag === undefined
      ? Effect.void
      : state.note(name, states.fileRecord(before, at), states.objectRecord({ eTag, size }))

  /**
   * Sends a file until it is the same before and after. An edit between the upload's own check and the time that the
   * service gives the object would look older than the object, and never be sent.
   */
  const send = (name: string, attempt: number): Effect.Effect<void, SyncError, Services> =>
    Effect.gen(function* () {
      const path = join(root.path, name)
      const changed = () => new SourceChanged({ source: path, field: "identity", expected: "a file", actual: "none" })
      const at = yield* Clock.currentTimeMillis
      const before = yield* fingerprintBelow(root, name)
      if (before === undefined) return yield* changed()
      const settings = yield* filled
      const input = { storageClass, path, ...objectOf(route.to, name) }
      const sent = yield* oneUpload.upload(settings, input, ofEach, before.size <= settings.threshold)
      const after = yield* fingerprintBelow(root, name)
      const difference = after === undefined ? changed() : fileFingerprint.difference(path, before, after)
      if (difference === undefined) return yield* note(name, before, at, sent)
      return attempt < attempts ? yield* send(name, attempt + 1) : yield* difference
    })

  /**
   * Sends the very file that the plan saw on its way through folders and no link, in one request. Its handle tells that it is
   * that one, before anything is sent; what is found to be another one by then, or afterwards, is sent as above.
   */
  const sendSeen = (
    name: string,
    seen: FileFingerprint,
    settings: uploadSettings.Settings
  ): Effect.Effect<void, SyncError, Services> =>
    Effect.clockWith((clock) => {
      const path = join(root.path, name)
      const at = clock.unsafeCurrentTimeMillis()
      const input = { storageClass, path, ...objectOf(route.to, name) }
      return Effect.matchEffect(oneUpload.upload(settings, input, ofEach, true, seen), {
        onFailure: (error) => (isOfFile(error) ? send(name, 1) : Effect.fail(error)),
        onSuccess: (sent) =>
          Effect.flatMap(inspectPath(path), (looked) =>
            isStill(path, seen, looked) ? note(name, seen, at, sent) : send(name, 2)
          )
      })
    })
  const transferFile = ({ name, seen }: Transfer): Effect.Effect<void, SyncError, Services> =>
    Effect.flatMap(fileSteps, (steps) => {
      const fingerprint = seen && SeenFile.fingerprintOf(seen.source)
      if (steps === undefined || fingerprint === undefined || Either.isLeft(filled)) return send(name, 1)
      const { size } = fingerprint
      const settings = filled.right
      if (size === 0 || size > Math.min(settings.threshold, settings.maxPartBuffer)) return send(name, 1)
      return sendSeen(name, fingerprint, settings)
    })
  const ends = Either.match(filled, { onLeft: () => defaultLimits, onRight: ({ limits }) => limits })
  return { transfer: transferFile, ends }
}

const isStill = (path: string, seen: FileFingerprint, looked: Inspected): boolean => {
  const now = looked._tag === "File" ? fileFingerprint.ifWhole(looked.info) : undefined
  return now !== undefined && fileFingerprint.difference(path, seen, now) === undefined
}

/** Of reading a file, and not of its request. */
const isOfFile = ({ _tag }: SyncError): boolean =>
  _tag === "SourceChanged" || _tag === "SystemError" || _tag === "BadArgument"

// --- down ------------------------------------------------------------------------------------------------------------

const download = (
  route: Extract<Route, { readonly way: "down" }>,
  options: Options,
  parts: number | undefined,
  state: states.State | undefined
) =>
  Effect.gen(function* () {
    const { from, to } = route
    const { storageClass: _, threshold: _threshold, ...transfer } = options.transfer ?? {}
    const { pathFor } = yield* roots.make(to.path)
    const ofEach = { ...transfer, concurrency: parts, symlinks: "refuse" as const }
    const filled = downloadFile.fromOptions("Download.file", ofEach)
    const directories = new RealPaths()
    return ({ name, seen, size: listed }: Transfer) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const error = unsafeName(to, name)
        if (error !== undefined) return yield* error
        const source = objectOf(from, name)
        const path = yield* pathFor(source.key, { segments: name.split("/"), directory: false })
        if ((yield* inspectPath(path))._tag === "Directory") {
          return yield* new UnsafeKey({ key: source.key, reason: "FolderInPlaceOfFile" })
        }
        const settings = yield* filled
        const ifMatch = options.asPlanned === true ? seen?.source.eTag : undefined
        // What is one part has nothing to be resumed, and needs no HEAD.
        const isOnePart = listed <= settings.partSize
        const { eTag, lastModified, size } = yield* oneDownload.download(
          settings,
          { path, ifMatch, ...source },
          directories,
          isOnePart
        )
        // Without the object's time the file is compared by its content next time.
        if (lastModified === undefined || eTag === undefined) return
        yield* fs.utimes(path, lastModified, lastModified)
        if (state === undefined) return
        const at = yield* Clock.currentTimeMillis
        const fingerprint = yield* fileFingerprint.ofFile(path)
        // Anything else has been written by somebody else.
        if (fingerprint.size === size && fingerprint.mtime === lastModified.getTime()) {
          yield* state.note(name, states.objectRecord({ eTag, size }), states.fileRecord(fingerprint, at))
        }
      })
  })

/** Removes the file only if it is the one that the plan was made of. */
const removeFile = (root: Root, { lastModified, name, size, target }: Deletion) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const { join } = yield* Path.Path
    const looked = yield* inspectBelow(root, name)
    if (looked._tag === "Absent") return "Absent" as const
    if (looked._tag !== "File") return "TargetChanged" as const
    const { info } = looked
    const modified = Option.getOrUndefined(info.mtime)
    const isSame =
      Number(info.size) === size &&
      modified?.getTime() === lastModified?.getTime() &&
      target === (yield* targetIdentity(root, { entry: { name, size, lastModified, eTag: undefined }, info }))
    return isSame ? yield* Effect.as(fs.remove(join(root.path, name)), undefined) : ("TargetChanged" as const)
  })

/** Only folders are in it, and no file that a removal would take along. */
const hasOnlyFolders = (path: string): Effect.Effect<boolean, PlatformError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const { join } = yield* Path.Path
    return yield* Effect.every(yield* fs.readDirectory(path), (name) =>
      Effect.flatMap(inspectPath(join(path, name)), ({ _tag }) =>
        _tag === "Directory" ? hasOnlyFolders(join(path, name)) : Effect.succeed(false)
      )
    )
  })

/** The platform removes a folder only with what is in it, so that it is moved aside and looked at once more. */
const removeEmptyFolder = (root: Root, name: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const { dirname, join } = yield* Path.Path
    const path = join(root.path, name)
    if ((yield* inspectBelow(root, name))._tag !== "Directory" || !(yield* hasOnlyFolders(path))) return
    const aside = join(dirname(path), yield* makeTemporaryName)
    const back = fs.rename(aside, path)
    const removed = Effect.if(hasOnlyFolders(aside), {
      onTrue: () => fs.remove(aside, { recursive: true }),
      onFalse: () => back
    })
    yield* fs
      .rename(path, aside)
      .pipe(Effect.zipRight(Effect.onError(removed, () => Effect.ignore(back))), Effect.uninterruptible)
  })

// --- up and across ---------------------------------------------------------------------------------------------------

const secondsOf = (date: Date | undefined) => date && Math.floor(date.getTime() / 1000)

/** Removes the object only if it is the one that the plan was made of: another writer may have put a new one there. */
const removeObject = (to: Prefix, { lastModified, name, size, target }: Deletion) =>
  Effect.gen(function* () {
    const head = yield* object.headObject(objectOf(to, name))
    const isSame =
      head.contentLength === size && head.eTag === target && secondsOf(head.lastModified) === secondsOf(lastModified)
    if (!isSame) return "TargetChanged" as const
    yield* object.deleteObject(objectOf(to, name))
    return undefined
  }).pipe(Effect.catchTag("NoSuchKey", () => Effect.succeed("Absent" as const)))

// --- all ways --------------------------------------------------------------------------------------------------------

export const make = (
  route: Route,
  options: Options,
  parts: number | undefined,
  state: states.State | undefined,
  /** The source as it was when the run began, where it is a directory. */
  source: Root | undefined
): Effect.Effect<Executor, SyncError, Services> =>
  Effect.gen(function* () {
    const { storageClass, ...transfer } = options.transfer ?? {}
    if (route.way === "down") {
      const transfer = yield* download(route, options, parts, state)
      const root = yield* openRoot(route.to.path)
      return {
        transfer,
        ends: defaultLimits,
        roots: { source, target: root },
        remove: (deletion: Deletion) => removeFile(root, deletion),
        makeRoom: (name: string) => removeEmptyFolder(root, name)
      }
    }
    const remove = (deletion: Deletion) => removeObject(route.to, deletion)
    if (route.way === "up") {
      const root = source ?? (yield* openRoot(route.from.path))
      const { join } = yield* Path.Path
      return {
        ...uploads(route, options, root, parts, state, join),
        roots: { source: root, target: undefined },
        remove,
        makeRoom: () => Effect.void
      }
    }
    // A copy takes a source without a bucket for one of the target's.
    const from = yield* effectiveLocation(route.from)
    return {
      roots: { source: undefined, target: undefined },
      ends: defaultLimits,
      transfer: ({ name }: Transfer) =>
        Effect.flatMap(
          Copy.object(
            { ...objectOf(route.to, name), storageClass, source: { ...objectOf(route.from, name), ...from } },
            { ...transfer, concurrency: parts }
          ),
          ({ eTag, size, source }) =>
            state === undefined
              ? Effect.void
              : state.note(name, states.objectRecord({ eTag: source.eTag, size }), states.objectRecord({ eTag, size }))
        ),
      remove,
      makeRoom: () => Effect.void
    }
  })
