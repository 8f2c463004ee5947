/**
 * Puts an emulator together, and implements its control service.
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
import {
  type BucketOptions,
  type Control,
  EmulatorError,
  type PendingUpload,
  type Snapshot,
  type VersionInfo
} from "../../Control.js"
import type { Options } from "../../Options.js"
import { FaultRules } from "../faults/rules.js"
import { toCosFailure } from "../handler/dispatch.js"
import { type EmulatorState, now } from "../handler/state.js"
import { JournalStore } from "../journal/journal.js"
import type { OperationError } from "../operations/operation.js"
import { checkBucketName, checkKey, maxBody } from "../operations/parameters.js"
import { correctSpelling } from "../operations/registry.js"
import { quoteETag } from "../operations/replies.js"
import { failure } from "../request/failure.js"
import { compileDomain, isTemplate } from "../request/target.js"
import * as Disk from "../storage/disk.js"
import * as Memory from "../storage/memory.js"
import { type Page, type Storage, StorageError, type Upload, type Version } from "../storage/Storage.js"

const defaultCredential: Credential = {
  secretId: "AKIDEMULATOR0000000000000000000000",
  secretKey: Redacted.make("EMULATORKEY000000000000000000000")
}

/** A fault for an operation that does not exist would never act. */
const checkOperationName = (name: string | undefined): Effect.Effect<void> => {
  const found = name === undefined ? undefined : correctSpelling(name)
  if (found === name) return Effect.void
  const hint = found === undefined ? "" : ` Is it ${found}?`
  return Effect.die(new EmulatorError({ code: "InvalidArgument", message: `There is no operation ${name}.${hint}` }))
}

/** The state, and how to restore its initial content. */
export interface StartedState extends EmulatorState {
  readonly start: Effect.Effect<void, EmulatorError>
}

const toEmulatorError = (refusal: Exclude<OperationError, { readonly _tag: "IncompleteBody" }>): EmulatorError => {
  const { code, message } = toCosFailure(refusal)
  return new EmulatorError({ code: refusal._tag === "StorageError" ? "Storage" : code, message })
}

const createBucket = (state: EmulatorState, name: string, options: BucketOptions): Effect.Effect<void, EmulatorError> =>
  Effect.gen(function* () {
    yield* checkBucketName(name, state.settings)
    const { region = state.settings.region } = options
    // No host name could contain it.
    if (!/^[a-z0-9-]+$/.test(region)) return yield* failure("InvalidRegionName")
    yield* state.storage.createBucket({
      name,
      region,
      owner: state.settings.owner,
      createdAt: yield* now(state),
      acl: { canned: options.acl ?? "private", grants: [] },
      ...(options.versioning === undefined ? {} : { versioning: options.versioning })
    })
  }).pipe(Effect.mapError(toEmulatorError))

/** Makes the state of an emulator and creates its buckets, unless the directory has them already. */
export const makeState = (
  options: Options,
  listening?: EmulatorState["listening"]
): Effect.Effect<StartedState, EmulatorError, Scope.Scope> =>
  Effect.gen(function* () {
    const { dir, domain, durable = false } = options
    if (domain !== undefined && !isTemplate(domain)) {
      return yield* new EmulatorError({
        code: "InvalidArgument",
        message: `${domain} is no template of a host, such as {bucket}.cos.test: without a port, and with {bucket}.`
      })
    }
    const storage: Storage.Service =
      dir === undefined
        ? yield* Memory.make
        : yield* Effect.mapError(Disk.make({ directory: dir, durable }), toEmulatorError)
    const state: EmulatorState = {
      settings: {
        region: options.region ?? "ap-guangzhou",
        owner: options.owner ?? "100000000001",
        appId: options.appId ?? "1250000000",
        minPartSize: options.minPartSize ?? 1024 * 1024,
        maxBodySize: options.maxBodySize ?? maxBody
      },
      storage,
      journal: new JournalStore(options.maxJournalBytes),
      faults: new FaultRules(),
      credentials: new Map(),
      matchDomain: domain === undefined ? () => undefined : compileDomain(domain),
      listening,
      clockOffset: 0
    }
    const start = Effect.gen(function* () {
      state.credentials.clear()
      for (const credential of [defaultCredential, ...(options.credentials ?? [])]) {
        state.credentials.set(credential.secretId, credential)
      }
      state.journal.clear()
      state.faults.clear()
      state.clockOffset = 0
      const buckets = (options.buckets ?? []).map((bucket) => (typeof bucket === "string" ? { name: bucket } : bucket))
      yield* Effect.forEach(
        buckets,
        ({ name, ...bucket }) =>
          createBucket(state, name, bucket).pipe(
            Effect.catchIf(
              (error) => error.code === "BucketAlreadyOwnedByYou",
              () => Effect.void
            )
          ),
        { discard: true }
      )
    })
    yield* start
    return Object.assign(state, { start })
  })

const versionInfo = (version: Version, latest: boolean): VersionInfo => ({
  key: version.key,
  versionId: version.versionId,
  latest,
  deleteMarker: version.deleteMarker,
  lastModified: new Date(version.lastModified),
  ...(version.deleteMarker
    ? { size: 0, eTag: "", crc64: undefined, storageClass: "", headers: {}, partSizes: undefined }
    : {
        size: version.size,
        eTag: quoteETag(version.etag),
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

const wholeListing = { prefix: "", delimiter: "", limit: 1000 }

const pendingUpload = (
  storage: Storage.Service,
  bucket: string,
  upload: Upload
): Effect.Effect<PendingUpload, Exclude<OperationError, { readonly _tag: "IncompleteBody" }>> =>
  Effect.map(storage.listParts(bucket, upload.key, upload.uploadId, { after: 0, limit: 10_000 }), ({ parts }) => ({
    bucket,
    key: upload.key,
    uploadId: upload.uploadId,
    initiatedAt: new Date(upload.initiatedAt),
    parts: parts.map((part) => ({ partNumber: part.partNumber, size: part.size, eTag: quoteETag(part.etag) }))
  }))

const noSuchSnapshot = Effect.fail(
  new EmulatorError({ code: "NoSuchSnapshot", message: "The snapshot was removed, or is one of another emulator." })
)

/** How clients reach the emulator. */
export type Endpoints = Pick<Control, "address" | "endpoint" | "tls" | "controlEndpoint" | "controlToken">

/** Makes the control service. */
export const makeControl = (state: StartedState, endpoints: Endpoints): Control => {
  const { faults, journal, settings, storage } = state
  const snapshots = new Set<Snapshot>()
  const removeSnapshot = (snapshot: Snapshot): Effect.Effect<void> =>
    Effect.suspend(() => {
      snapshots.delete(snapshot)
      return storage.removeSnapshot(snapshot)
    })
  const sync = <A>(evaluate: () => A): Effect.Effect<A> => Effect.sync(evaluate)
  const setFault: Control["fault"] = (spec) =>
    Effect.map(checkOperationName(spec.on?.operation), () => {
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
    ...endpoints,

    addCredentials: (credential) =>
      sync(() => {
        state.credentials.set(credential.secretId, credential)
      }),
    removeCredentials: (secretId) =>
      sync(() => {
        state.credentials.delete(secretId)
      }),

    createBucket: (name, options = {}) => createBucket(state, name, options),
    updateBucket: (name, { acl, versioning }) =>
      storage
        .updateBucket(name, (bucket) => ({
          ...bucket,
          ...(acl === undefined ? {} : { acl: { canned: acl, grants: [] } }),
          ...(versioning === undefined ? {} : { versioning })
        }))
        .pipe(Effect.asVoid, Effect.mapError(toEmulatorError)),

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
      Effect.mapError(toEmulatorError)
    ),
    seed: (bucket, key, body, options) =>
      Effect.gen(function* () {
        yield* Effect.mapError(checkKey(key), toEmulatorError)
        const staged = yield* storage
          .writeBody(typeof body === "string" ? Buffer.from(body) : body)
          .pipe(Effect.mapError((error) => (error instanceof StorageError ? toEmulatorError(error) : error)))
        const lastModified = yield* now(state)
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
          .pipe(Effect.mapError(toEmulatorError))
      }).pipe(Effect.scoped),
    objects: (bucket) =>
      allPages(({ key }) => storage.listObjects(bucket, { ...wholeListing, after: key })).pipe(
        Effect.map((items) => items.map((object) => versionInfo(object, true))),
        Effect.mapError(toEmulatorError)
      ),
    versions: (bucket) =>
      allPages(({ id, key }) => storage.listVersions(bucket, { ...wholeListing, after: key, afterId: id })).pipe(
        Effect.map((items) => items.map(({ latest, version }) => versionInfo(version, latest))),
        Effect.mapError(toEmulatorError)
      ),
    bytes: (bucket, key, options) =>
      storage.openObject(bucket, key, options?.versionId).pipe(
        Effect.flatMap((opened) => Stream.runCollect(opened.read())),
        Effect.map((chunks) => Uint8Array.from(Buffer.concat(Chunk.toReadonlyArray(chunks)))),
        Effect.scoped,
        Effect.mapError(toEmulatorError)
      ),
    pendingUploads: Effect.gen(function* () {
      const buckets = yield* storage.listBuckets
      const uploads = yield* Effect.forEach(buckets, ({ name }) =>
        allPages(({ id, key }) => storage.listUploads(name, { ...wholeListing, after: key, afterId: id })).pipe(
          Effect.flatMap((found) => Effect.forEach(found, (upload) => pendingUpload(storage, name, upload)))
        )
      )
      return uploads.flat()
    }).pipe(Effect.mapError(toEmulatorError)),

    clock: {
      now: Effect.map(now(state), (time) => new Date(time)),
      adjust: (duration) =>
        sync(() => {
          state.clockOffset += Duration.toMillis(duration)
        }),
      set: (date) =>
        Effect.map(Clock.currentTimeMillis, (time) => {
          state.clockOffset = date.getTime() - time
        })
    },

    reset: Effect.gen(function* () {
      yield* Effect.forEach(snapshots, removeSnapshot, { discard: true })
      yield* Effect.mapError(storage.reset, toEmulatorError)
      yield* state.start
    }),
    snapshot: storage.snapshot.pipe(
      Effect.tap((snapshot) => Effect.sync(() => snapshots.add(snapshot))),
      Effect.mapError(toEmulatorError)
    ),
    restore: (snapshot) =>
      Effect.suspend(() =>
        snapshots.has(snapshot) ? Effect.mapError(storage.restore(snapshot), toEmulatorError) : noSuchSnapshot
      ),
    removeSnapshot
  }
}
