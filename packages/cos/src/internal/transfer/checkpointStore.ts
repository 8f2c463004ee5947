/** The checkpoint stores: a directory or a `KeyValueStore` that keeps texts, and the limit on every call of a store. */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import type { Journal, Lease, Store, Unreadable } from "../../Checkpoint.js"
import { CheckpointError } from "../../CosError.js"
import { Hash } from "../../Hash.js"
import { isNotFound } from "../file/isNotFound.js"
import { replaceFile } from "../file/replaceFile.js"
import { runBounded, runInterruptible } from "../time/runBounded.js"
import * as leases from "./leases.js"

/** Keeps texts by id. */
interface Texts {
  readonly read: (id: string) => Effect.Effect<Option.Option<string>, PlatformError>
  readonly write: (id: string, text: string) => Effect.Effect<void, PlatformError>
  readonly remove: (id: string) => Effect.Effect<void, PlatformError>
  /** Every text, with a name for it in a warning. */
  readonly all: Effect.Effect<ReadonlyArray<readonly [name: string, text: string]>, PlatformError>
}

const orNone = <A>(self: Effect.Effect<A, PlatformError>): Effect.Effect<Option.Option<A>, PlatformError> =>
  Effect.asSome(self).pipe(Effect.catchIf(isNotFound, () => Effect.succeedNone))

/** A temporary file, or the file of a lease, that has not changed for so long was left by a process that crashed. */
const abandonedAfter = Duration.toMillis("1 hour")

export const directory = (path: string): Effect.Effect<Texts, PlatformError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const { sha1Hex } = yield* Hash
    // Ids are not file names: they may be too long, or hold what a file system refuses.
    const fileOf = (id: string) => `${path}/${sha1Hex(id)}.json`

    yield* fs.makeDirectory(path, { recursive: true })
    const now = yield* Clock.currentTimeMillis
    yield* Effect.forEach(yield* fs.readDirectory(path), (name) =>
      Effect.gen(function* () {
        if (!name.endsWith(".tmp") && !leases.isOwnerFile(name)) return
        const { mtime } = yield* fs.stat(`${path}/${name}`)
        if (!Option.exists(mtime, (time) => now - time.getTime() > abandonedAfter)) return
        if (leases.isOwnerFile(name) && (yield* leases.isOfLivingProcess(fs, `${path}/${name}`))) return
        yield* fs.remove(`${path}/${name}`)
      }).pipe(Effect.ignore)
    )

    return {
      read: (id) => orNone(fs.readFileString(fileOf(id))),
      write: (id, text) => replaceFile(fs, fileOf(id), `${fileOf(id)}.${crypto.randomUUID()}.tmp`, text),
      remove: (id) => Effect.asVoid(orNone(fs.remove(fileOf(id)))),
      all: Effect.gen(function* () {
        const names = (yield* fs.readDirectory(path)).filter((name) => name.endsWith(".json"))
        const texts = yield* Effect.forEach(names, (name) =>
          Effect.map(
            orNone(fs.readFileString(`${path}/${name}`)),
            Option.map((text) => [name, text] as const)
          )
        )
        return texts.flatMap(Option.toArray)
      })
    }
  })

export const directoryLease = (
  path: string
): Effect.Effect<NonNullable<Store.Service["lease"]>, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const { sha1Hex } = yield* Hash
    return (id, { ifRunning }) =>
      Effect.mapError(leases.acquire(fs, path, sha1Hex(id), ifRunning === "wait"), failed("lease", id))
  })

const Ids = Schema.parseJson(Schema.Array(Schema.String))

export const keyValue: Effect.Effect<Texts, never, KeyValueStore.KeyValueStore> = Effect.gen(function* () {
  const texts = KeyValueStore.prefix(yield* KeyValueStore.KeyValueStore, "effect-cos/")
  const lock = yield* Effect.makeSemaphore(1)
  const readIds = Effect.map(texts.get("index"), (text) =>
    Option.getOrElse(Option.flatMap(text, Schema.decodeOption(Ids)), (): ReadonlyArray<string> => [])
  )
  const changeIds = (change: (ids: ReadonlyArray<string>) => ReadonlyArray<string>) =>
    Effect.flatMap(readIds, (ids) => {
      const changed = change(ids)
      return changed === ids ? Effect.void : texts.set("index", JSON.stringify(changed))
    }).pipe(lock.withPermits(1))
  const read = (id: string) => texts.get(`at/${id}`)
  return {
    read,
    // The index first: an id without a value does no harm, but a value that the index lacks would never be found.
    write: (id, text) =>
      Effect.zipRight(
        changeIds((ids) => (ids.includes(id) ? ids : [...ids, id])),
        texts.set(`at/${id}`, text)
      ),
    remove: (id) =>
      Effect.zipRight(
        texts.remove(`at/${id}`),
        changeIds((ids) => ids.filter((other) => other !== id))
      ),
    all: Effect.gen(function* () {
      const found = yield* Effect.forEach(yield* readIds, (id) =>
        Effect.map(
          read(id),
          Option.map((text) => [id, text] as const)
        )
      )
      return found.flatMap(Option.toArray)
    })
  }
})

/** How a value is written. The digest is that of the value's JSON. */
const Envelope = Schema.parseJson(Schema.Struct({ id: Schema.String, digest: Schema.String, value: Schema.Unknown }))

const failed =
  (operation: CheckpointError["operation"], id?: string) =>
  (cause: PlatformError): CheckpointError =>
    new CheckpointError({ operation, id, reason: cause.message, cause })

/** For the layers, which have no id to name. */
export const openFailed = failed("open")

export const make =
  (unreadable: (id: string, reason: Unreadable["reason"]) => Effect.Effect<void>) =>
  (texts: Texts): Effect.Effect<Store.Service> =>
    Effect.map(Hash, ({ sha1Hex }) => {
      const open = (text: string) =>
        Schema.decodeOption(Envelope)(text).pipe(
          Option.filter(({ digest, value }) => sha1Hex(JSON.stringify(value)) === digest)
        )
      return {
        get: (id, schema) =>
          Effect.gen(function* () {
            const text = yield* Effect.mapError(texts.read(id), failed("get", id))
            if (Option.isNone(text)) return Option.none()
            const envelope = Option.filter(open(text.value), (envelope) => envelope.id === id)
            if (Option.isNone(envelope)) return yield* Effect.as(unreadable(id, "damaged"), Option.none())
            const value = Schema.decodeUnknownEither(schema)(envelope.value.value)
            return Either.isRight(value)
              ? Option.some(value.right)
              : yield* Effect.as(unreadable(id, "of another format"), Option.none())
          }),
        set: (id, schema, value) =>
          Effect.flatMap(Effect.orDie(Schema.encode(schema)(value)), (encoded) =>
            Effect.mapError(
              texts.write(id, JSON.stringify({ id, digest: sha1Hex(JSON.stringify(encoded)), value: encoded })),
              failed("set", id)
            )
          ),
        remove: (id) => Effect.mapError(texts.remove(id), failed("remove", id)),
        list: Effect.gen(function* () {
          const ids: Array<string> = []
          for (const [name, text] of yield* Effect.mapError(texts.all, failed("list"))) {
            const envelope = open(text)
            if (Option.isSome(envelope)) ids.push(envelope.value.id)
            else yield* unreadable(name, "damaged")
          }
          return ids.sort()
        })
      }
    })

// --- stores that others wrote ----------------------------------------------------------------------------------------

/** How long a store may take for a call. */
const callLimit = Duration.seconds(5)

interface StoreCall {
  readonly operation: CheckpointError["operation"]
  readonly id?: string
}

const failure = (call: StoreCall, reason: string, cause?: unknown) =>
  new CheckpointError({ ...call, reason, ...(cause === undefined ? undefined : { cause }) })

const withLimit = (call: StoreCall) => ({
  limit: callLimit,
  onTimeout: () => failure(call, `it did not answer within ${Duration.format(callLimit)}`)
})

const errorOf = (call: StoreCall, cause: Cause.Cause<unknown>): CheckpointError => {
  const error = Option.getOrUndefined(Cause.failureOption(cause))
  if (error instanceof CheckpointError) return error
  return error === undefined && Cause.isInterrupted(cause)
    ? failure(call, "it interrupted itself")
    : failure(call, "it failed with what is no CheckpointError", Cause.squash(cause))
}

/** Whatever the store does is a `CheckpointError`, also that it dies, interrupts itself or gives something else. */
const typed = <A, R>(
  call: StoreCall,
  self: () => Effect.Effect<A, CheckpointError, R>,
  isExpected: (value: unknown) => boolean
): Effect.Effect<A, CheckpointError, R> =>
  Effect.flatMap(Effect.suspend(self), (value) =>
    isExpected(value) ? Effect.succeed(value) : Effect.fail(failure(call, "it gave a value of another type"))
  ).pipe(Effect.catchAllCause((cause) => Effect.fail(errorOf(call, cause))))

const isAnything = () => true

const isListOfIds = (value: unknown): boolean =>
  Array.isArray(value) && value.every((id: unknown) => typeof id === "string")

/**
 * A lease that does not say that it is held counts as lost: then nothing is written or removed. It is lost for good, so
 * that a transfer that has stopped for it ends, whether or not the store notices.
 */
const boundedLease = (id: string, lease: Lease): Effect.Effect<Lease> =>
  Effect.map(Deferred.make<void>(), (notHeld) => {
    const call: StoreCall = { operation: "lease", id }
    const isHeld = Effect.orElseSucceed(
      runInterruptible(
        typed(
          call,
          () => lease.isHeld,
          (value) => typeof value === "boolean"
        ),
        withLimit(call)
      ),
      () => false
    )
    const lost = Effect.ignore(typed(call, () => lease.lost, isAnything))
    return {
      isHeld: Effect.flatMap(Deferred.isDone(notHeld), (isOver) =>
        isOver
          ? Effect.succeed(false)
          : Effect.tap(isHeld, (isHeld) => (isHeld ? Effect.void : Deferred.succeed(notHeld, undefined)))
      ),
      lost: Effect.raceFirst(Effect.disconnect(lost), Deferred.await(notHeld))
    }
  })

/** To acquire may take long, since it may wait for another process, but an interrupt does not; to release may not. */
const boundedAcquire =
  (acquire: NonNullable<Store.Service["lease"]>): NonNullable<Store.Service["lease"]> =>
  (id, options) =>
    Effect.gen(function* () {
      const call: StoreCall = { operation: "lease", id }
      const scope = yield* Effect.acquireRelease(Scope.make(), (scope, exit) =>
        Effect.catchAllCause(runBounded(Scope.close(scope, exit), withLimit(call)), (cause) =>
          Effect.logWarning("the lease of a checkpoint could not be given back", errorOf(call, cause).message)
        )
      )
      const found = yield* runInterruptible(
        typed(call, () => Scope.extend(acquire(id, options), scope), Option.isOption),
        { limit: Duration.infinity, onTimeout: () => failure(call, "it did not answer") }
      )
      return Option.isNone(found) ? found : Option.some(yield* boundedLease(id, found.value))
    })

/**
 * The store, with a limit on every call, and errors for whatever else it does: whoever wrote it, it cannot stop a transfer.
 * Reads are given up at once when the caller is interrupted; a write or a removal that has begun is waited for, so that
 * nothing overtakes it.
 */
export const withCallLimits = (store: Store.Service): Store.Service => {
  const list: StoreCall = { operation: "list" }
  return {
    get: <A, I>(id: string, schema: Schema.Schema<A, I>) => {
      const call: StoreCall = { operation: "get", id }
      const isValue = Schema.is(schema)
      return runInterruptible(
        typed(
          call,
          () => store.get(id, schema),
          (found) => Option.isOption(found) && (Option.isNone(found) || isValue(found.value))
        ),
        withLimit(call)
      )
    },
    set: (id, schema, value) => {
      const call: StoreCall = { operation: "set", id }
      return runBounded(
        typed(call, () => store.set(id, schema, value), isAnything),
        withLimit(call)
      )
    },
    remove: (id) => {
      const call: StoreCall = { operation: "remove", id }
      return runBounded(
        typed(call, () => store.remove(id), isAnything),
        withLimit(call)
      )
    },
    list: runInterruptible(
      typed(list, () => store.list, isListOfIds),
      withLimit(list)
    ),
    lease: store.lease === undefined ? undefined : boundedAcquire(store.lease)
  }
}

export const journal = <A, I>(
  store: Store.Service,
  id: string,
  schema: Schema.Schema<A, I>,
  interval: Duration.DurationInput
): Effect.Effect<Journal<A>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const noted = yield* Ref.make(Option.none<A>())
    const lock = yield* Effect.makeSemaphore(1)
    const flush = Effect.flatMap(Ref.getAndSet(noted, Option.none()), (value) =>
      Option.isNone(value)
        ? Effect.void
        : Effect.onError(store.set(id, schema, value.value), () =>
            // Tried again with the next flush, unless a newer value has been noted.
            Ref.update(
              noted,
              Option.orElse(() => value)
            )
          )
    ).pipe(lock.withPermits(1), Effect.uninterruptible)
    const flushQuietly = Effect.catchAll(flush, (error) =>
      Effect.logWarning("A checkpoint could not be written", { id, reason: error.message })
    )
    yield* Effect.addFinalizer(() => flushQuietly)
    yield* Effect.zipRight(Effect.sleep(interval), flushQuietly).pipe(
      Effect.forever,
      Effect.interruptible,
      Effect.forkScoped
    )
    return {
      note: (value) => Ref.set(noted, Option.some(value)),
      flush,
      discard: Effect.zipRight(Ref.set(noted, Option.none()), store.remove(id)).pipe(
        lock.withPermits(1),
        Effect.uninterruptible
      )
    }
  })
