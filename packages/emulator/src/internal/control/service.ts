/**
 * An emulator put together, and its control service.
 */
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Credential } from "../../Access.js"
import { type BucketOptions, type Control, EmulatorError, type PendingUpload, type VersionInfo } from "../../Control.js"
import type { Options } from "../../Options.js"
import { FaultBook } from "../faults/rules.js"
import { asFailure } from "../handler/dispatch.js"
import { type Core, now } from "../handler/state.js"
import { JournalBook } from "../journal/journal.js"
import type { Refusal } from "../operations/operation.js"
import { checkBucketName, checkKey } from "../operations/parameters.js"
import { spelling } from "../operations/registry.js"
import { quoted } from "../operations/replies.js"
import { failure } from "../request/failure.js"
import { compileDomain, isTemplate } from "../request/target.js"
import * as Disk from "../storage/disk.js"
import * as Memory from "../storage/memory.js"
import { type Page, type Storage, StorageError, type Upload, type Version } from "../storage/Storage.js"

const defaultCredential: Credential = {
  secretId: "AKIDEMULATOR0000000000000000000000",
  secretKey: Redacted.make("EMULATORKEY000000000000000000000")
}

/** A fault that waits for an operation that there is not would never act. */
const checkOperation = (name: string | undefined): Effect.Effect<void> => {
  const found = name === undefined ? undefined : spelling(name)
  if (found === name) return Effect.void
  const hint = found === undefined ? "" : ` Is it ${found}?`
  return Effect.die(new EmulatorError({ code: "InvalidArgument", message: `There is no operation ${name}.${hint}` }))
}

/** What the control service and the doors share, and how it all started. */
export interface Emulation extends Core {
  readonly start: Effect.Effect<void, EmulatorError>
}

const asError = (refusal: Exclude<Refusal, { readonly _tag: "BodyLost" }>): EmulatorError => {
  const { code, message } = asFailure(refusal)
  return new EmulatorError({ code: refusal._tag === "StorageError" ? "Storage" : code, message })
}

const createBucket = (core: Core, name: string, options: BucketOptions): Effect.Effect<void, EmulatorError> =>
  Effect.gen(function* () {
    yield* checkBucketName(name, core.settings)
    const { region = core.settings.region } = options
    // No host could name it.
    if (!/^[a-z0-9-]+$/.test(region)) return yield* failure("InvalidRegionName")
    yield* core.storage.createBucket({
      name,
      region,
      owner: core.settings.owner,
      createdAt: yield* now(core),
      acl: { canned: options.acl ?? "private", grants: [] },
      ...(options.versioning === undefined ? {} : { versioning: options.versioning })
    })
  }).pipe(Effect.mapError(asError))

/** An emulator of these options, its buckets created (unless a directory has them already). */
export const makeCore = (options: Options): Effect.Effect<Emulation, EmulatorError, Scope.Scope> =>
  Effect.gen(function* () {
    const { dir, domain, durable = false } = options
    if (domain !== undefined && !isTemplate(domain)) {
      return yield* new EmulatorError({
        code: "InvalidArgument",
        message: `${domain} is no template of a host, such as {bucket}.cos.test: without a port, and with {bucket}.`
      })
    }
    const storage: Storage.Service =
      dir === undefined ? yield* Memory.make : yield* Effect.mapError(Disk.make({ directory: dir, durable }), asError)
    const core: Core = {
      settings: {
        region: options.region ?? "ap-guangzhou",
        owner: options.owner ?? "100000000001",
        appId: options.appId ?? "1250000000",
        minPartSize: options.minPartSize ?? 1024 * 1024
      },
      storage,
      journal: new JournalBook(),
      faults: new FaultBook(),
      credentials: new Map(),
      domain: domain === undefined ? () => undefined : compileDomain(domain),
      clockOffset: 0
    }
    const start = Effect.gen(function* () {
      core.credentials.clear()
      for (const credential of [defaultCredential, ...(options.credentials ?? [])]) {
        core.credentials.set(credential.secretId, credential)
      }
      core.journal.clear()
      core.faults.clear()
      core.clockOffset = 0
      const buckets = (options.buckets ?? []).map((bucket) => (typeof bucket === "string" ? { name: bucket } : bucket))
      yield* Effect.forEach(
        buckets,
        ({ name, ...bucket }) =>
          createBucket(core, name, bucket).pipe(
            Effect.catchIf(
              (error) => error.code === "BucketAlreadyOwnedByYou",
              () => Effect.void
            )
          ),
        { discard: true }
      )
    })
    yield* start
    return Object.assign(core, { start })
  })

const info = (version: Version, latest: boolean): VersionInfo => ({
  key: version.key,
  versionId: version.versionId,
  latest,
  deleteMarker: version.deleteMarker,
  lastModified: new Date(version.lastModified),
  ...(version.deleteMarker
    ? { size: 0, eTag: "", crc64: undefined, storageClass: "", headers: {}, partSizes: undefined }
    : {
        size: version.size,
        eTag: quoted(version.etag),
        crc64: version.crc64,
        storageClass: version.storageClass,
        headers: version.headers,
        partSizes: version.partSizes
      })
})

/** All pages of a listing. */
const allPages = <A, E>(
  page: (after: { readonly key: string; readonly id: string }) => Effect.Effect<Page<A>, E>
): Effect.Effect<ReadonlyArray<A>, E> =>
  Stream.paginateChunkEffect({ key: "", id: "" }, (after) =>
    Effect.map(page(after), ({ items, last, truncated }) => [
      Chunk.unsafeFromArray(items),
      Option.filter(last, () => truncated)
    ])
  ).pipe(Stream.runCollect, Effect.map(Chunk.toReadonlyArray))

const everything = { prefix: "", delimiter: "", limit: 1000 }

const pendingOf = (
  storage: Storage.Service,
  bucket: string,
  upload: Upload
): Effect.Effect<PendingUpload, Exclude<Refusal, { readonly _tag: "BodyLost" }>> =>
  Effect.map(storage.listParts(bucket, upload.key, upload.uploadId, { after: 0, limit: 10_000 }), ({ parts }) => ({
    bucket,
    key: upload.key,
    uploadId: upload.uploadId,
    initiatedAt: new Date(upload.initiatedAt),
    parts: parts.map((part) => ({ partNumber: part.partNumber, size: part.size, eTag: quoted(part.etag) }))
  }))

/** What the control service says of the way in. */
export type Door = Pick<Control, "address" | "endpoint" | "tls" | "controlEndpoint">

/** The control service of a core. */
export const makeControl = (core: Emulation, door: Door): Control => {
  const { faults, journal, settings, storage } = core
  const sync = <A>(evaluate: () => A): Effect.Effect<A> => Effect.sync(evaluate)
  const setFault: Control["fault"] = (spec) =>
    Effect.map(checkOperation(spec.on?.operation), () => {
      const rule = faults.add(spec)
      return {
        id: rule.id,
        fired: sync(() => rule.fired),
        matched: sync(() => rule.matched),
        remove: sync(() => faults.remove(rule.id))
      }
    })
  return {
    credentials: defaultCredential,
    region: settings.region,
    appId: settings.appId,
    owner: settings.owner,
    ...door,

    addCredentials: (credential) =>
      sync(() => {
        core.credentials.set(credential.secretId, credential)
      }),
    removeCredentials: (secretId) =>
      sync(() => {
        core.credentials.delete(secretId)
      }),

    createBucket: (name, options = {}) => createBucket(core, name, options),
    updateBucket: (name, { acl, versioning }) =>
      storage
        .updateBucket(name, (bucket) => ({
          ...bucket,
          ...(acl === undefined ? {} : { acl: { canned: acl, grants: [] } }),
          ...(versioning === undefined ? {} : { versioning })
        }))
        .pipe(Effect.asVoid, Effect.mapError(asError)),

    fault: setFault,
    scopedFault: (spec) =>
      Effect.acquireRelease(setFault(spec), ({ fired, matched, remove }, exit) =>
        Effect.gen(function* () {
          yield* remove
          if (Exit.isFailure(exit) || (yield* fired) > 0) return
          yield* Effect.dieMessage(
            `A fault never acted, though ${yield* matched} requests matched: ${JSON.stringify(spec)}`
          )
        })
      ),
    faults: sync(() =>
      faults.list().map(({ fault, fired, id, matched, on }) => ({ id, fired, matched, on, do: fault }))
    ),
    removeFault: (id) => sync(() => faults.remove(id)),
    clearFaults: sync(() => faults.clear()),

    journal: sync(() => journal.entries()),
    clearJournal: sync(() => journal.clear()),

    buckets: storage.listBuckets.pipe(
      Effect.map((buckets) => buckets.map(({ name }) => name)),
      Effect.mapError(asError)
    ),
    seed: (bucket, key, body, options) =>
      Effect.gen(function* () {
        yield* Effect.mapError(checkKey(key), asError)
        const staged = yield* storage
          .writeBody(typeof body === "string" ? Buffer.from(body) : body)
          .pipe(Effect.mapError((error) => (error instanceof StorageError ? asError(error) : error)))
        const lastModified = yield* now(core)
        yield* storage
          .putObject(bucket, key, () =>
            Either.right({
              type: "normal",
              owner: settings.owner,
              storageClass: "STANDARD",
              headers: { "content-type": options?.contentType ?? "application/octet-stream" },
              tags: [],
              lastModified,
              size: staged.size,
              etag: staged.md5,
              crc64: staged.crc64,
              segments: staged.segments
            })
          )
          .pipe(Effect.mapError(asError))
      }).pipe(Effect.scoped),
    objects: (bucket) =>
      allPages(({ key }) => storage.listObjects(bucket, { ...everything, after: key })).pipe(
        Effect.map((items) => items.map((object) => info(object, true))),
        Effect.mapError(asError)
      ),
    versions: (bucket) =>
      allPages(({ id, key }) => storage.listVersions(bucket, { ...everything, after: key, afterId: id })).pipe(
        Effect.map((items) => items.map(({ latest, version }) => info(version, latest))),
        Effect.mapError(asError)
      ),
    bytes: (bucket, key, options) =>
      storage.openObject(bucket, key, options?.versionId).pipe(
        Effect.flatMap((opened) => Stream.runCollect(opened.read())),
        Effect.map((chunks) => Uint8Array.from(Buffer.concat(Chunk.toReadonlyArray(chunks)))),
        Effect.scoped,
        Effect.mapError(asError)
      ),
    pendingUploads: Effect.gen(function* () {
      const buckets = yield* storage.listBuckets
      const uploads = yield* Effect.forEach(buckets, ({ name }) =>
        allPages(({ id, key }) => storage.listUploads(name, { ...everything, after: key, afterId: id })).pipe(
          Effect.flatMap((found) => Effect.forEach(found, (upload) => pendingOf(storage, name, upload)))
        )
      )
      return uploads.flat()
    }).pipe(Effect.mapError(asError)),

    clock: {
      now: Effect.map(now(core), (time) => new Date(time)),
      adjust: (duration) =>
        sync(() => {
          core.clockOffset += Duration.toMillis(duration)
        }),
      set: (date) =>
        Effect.map(Clock.currentTimeMillis, (time) => {
          core.clockOffset = date.getTime() - time
        })
    },

    reset: Effect.zipRight(Effect.mapError(storage.reset, asError), core.start),
    snapshot: Effect.mapError(storage.snapshot, asError),
    restore: (snapshot) => Effect.mapError(storage.restore(snapshot), asError)
  }
}
