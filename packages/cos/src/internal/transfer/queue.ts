/** The queue: controlled transfers that share a gate, and that a store keeps for a later process. */
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as PubSub from "effect/PubSub"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Checkpoint from "../../Checkpoint.js"
import { CosClient } from "../../CosClient.js"
import type { CheckpointError, InvalidInput, TransferNotPausable } from "../../CosError.js"
import type {
  Entry,
  EntryOf,
  Kind,
  Kinds,
  Options,
  Ticket,
  TransferQueue,
  UnreadableEntry
} from "../../TransferQueue.js"
import { absolutePath } from "../file/absolutePath.js"
import { CurrentBucket, inheritLocation } from "../http/settingPrecedence.js"
import { checkDurations } from "../operation/options.js"
import * as gates from "./concurrencyGate.js"
import { readConcurrency } from "./concurrencyOption.js"
import * as controlled from "./controlled.js"
import type { Saved } from "./controlledCheckpoint.js"
import { isFinal, isFinished } from "./lifecycle.js"
import { type AnyTicket, commandsOf, type Member } from "./queueCommands.js"
import * as queueFiles from "./queueFiles.js"
import { type Common, Held, type Inputs, kinds, listed, pausable, type Services } from "./queueKinds.js"
import * as queueRecord from "./queueRecord.js"
import { inputFields, isSecret, optionFields, type QueueRecord } from "./queueRecord.js"
import * as recordWriter from "./queueRecordWriter.js"
import { storeInContext } from "./storeInContext.js"
import { isReadOnce } from "./upload/source.js"

/** The list now, and again after changes, at most once an interval. */
const changesOf = (transfers: Transfers, interval: Duration.DurationInput): Stream.Stream<ReadonlyArray<Entry>> =>
  Stream.unwrapScoped(
    Effect.map(PubSub.subscribe(transfers.parts.changed), (news) =>
      Stream.unfoldEffect("first" as "first" | "more" | "last", (now) => {
        if (now === "last") return Effect.succeedNone
        const next = now === "first" ? Effect.void : Effect.delay(Queue.take(news), interval)
        // Both in one step: what has ended since the list was made would be missing.
        return Effect.map(next, () => {
          const isLast = now === "more" && transfers.hasEnded
          return Option.some([transfers.entries, isLast ? "last" : "more"] as const)
        })
      })
    )
  )

// --- the transfers ---------------------------------------------------------------------------------------------------

/** What a queue works with. */
interface Parts {
  readonly name: string
  readonly keepFinished: number
  readonly store: Checkpoint.Store.Service | undefined
  readonly services: Context.Context<Services>
  /** Of all transfers: each has its own in it. */
  readonly scope: Scope.CloseableScope
  readonly gate: gates.Gate
  /** Parts at once of a transfer that does not say otherwise. */
  readonly partsOfEach: number | undefined
  readonly common: Common
  readonly changed: PubSub.PubSub<void>
}

/** The transfers of a queue, and what has become of them. */
class Transfers {
  readonly members = new Map<string, Member>()
  isClosed = false
  /** All of them have been left: nothing follows. */
  hasEnded = false
  /** In the order in which they ended. */
  readonly #finished = new Set<string>()
  #submitted = 0

  constructor(readonly parts: Parts) {}

  get entries(): ReadonlyArray<Entry> {
    return Array.from(this.members.values(), ({ entry }) => entry)
  }

  get tellChange(): Effect.Effect<boolean> {
    return PubSub.publish(this.parts.changed, undefined)
  }

  storeIdOf(id: string): string {
    return `${storePrefixOf(this.parts.name)}${id}`
  }

  /** One that no transfer has, and which comes next. */
  nextPlace(now: number): { readonly id: string; readonly order: number } {
    const id = `${now.toString(36)}-${this.#submitted}`
    this.#submitted += 1
    return this.members.has(id) ? this.nextPlace(now) : { id, order: this.#submitted }
  }

  enter(id: string, member: Member): void {
    this.members.set(id, member)
  }

  leave(id: string): void {
    this.members.delete(id)
    this.#finished.delete(id)
  }

  /** Removes the oldest finished one; in a fiber of its own, for it is called within a change of a transfer. */
  readonly #evict = Effect.suspend(() => {
    const [oldest] = this.#finished
    if (this.isClosed || oldest === undefined || this.#finished.size <= this.parts.keepFinished) return Effect.void
    this.#finished.delete(oldest)
    return Effect.asVoid(Effect.forkIn(this.members.get(oldest)?.ticket.remove ?? Effect.void, this.parts.scope))
  })

  /** Called within every change of a transfer. */
  onChange(
    id: string,
    held: Held<unknown>,
    writer: recordWriter.RecordWriter,
    now: controlled.Snapshot<unknown, unknown>
  ): Effect.Effect<void> {
    const { members } = this
    return Effect.gen(this, function* () {
      const member = members.get(id)
      if (member === undefined) return
      const before = member.entry.state
      member.entry = { ...member.entry, ...now } as Entry
      yield* this.tellChange
      if (now.state === before) return
      this.#finished.delete(id)
      if (isFinished(now.state)) this.#finished.add(id)
      // A queue pauses its transfers when it closes: they come back as they were before.
      if (!this.isClosed && (now.state === "paused" || now.state === "waiting")) {
        yield* writer.update({ paused: now.state === "paused" })
      }
      if (isFinal(now.state)) {
        held.release()
        yield* writer.remove
      }
      yield* this.#evict
    })
  }
}

const storePrefixOf = (name: string): string => `queue-${name}-`

/** One transfer as it comes into a queue. */
interface Coming<K extends Kind> {
  readonly kind: K
  readonly record: QueueRecord
  readonly held: Held<Inputs[K]>
  readonly input: Kinds[K]["input"]
  readonly isStorable: boolean
  readonly isOneShot: boolean
  readonly options: Kinds[K]["options"]
  readonly restored?: Saved<Kinds[K]["checkpoint"]> | undefined
}

const makeControl = <K extends Kind>(
  transfers: Transfers,
  { held, input, isOneShot, kind, options, record, restored }: Coming<K>,
  writer: recordWriter.RecordWriter,
  isKept: boolean
) => {
  const { common, gate, partsOfEach } = transfers.parts
  return controlled
    .makeAny(
      { ...kinds[kind](input.key, held, { concurrency: partsOfEach, ...options, ...common }), isOneShot },
      {
        isKept: () => isKept,
        withTurn: (run) => gate.file(controlled.inRunOf(transfers)(run)),
        paused: true,
        restored,
        onSaved: (checkpoint) => writer.update({ checkpoint }),
        findable: writer.findable,
        onChange: (now) => transfers.onChange(record.id, held, writer, now)
      }
    )
    .pipe(gate.share)
}

const add = <K extends Kind>(transfers: Transfers, coming: Coming<K>): Effect.Effect<Ticket<K, TransferNotPausable>> =>
  Effect.gen(function* () {
    const { input, isStorable, kind, record } = coming
    const { scope, store } = transfers.parts
    const { id, submittedAt } = record
    const isKept = store !== undefined && isStorable
    const own = yield* Scope.fork(scope, ExecutionStrategy.sequential)
    const writer = recordWriter.make(isKept ? store : undefined, transfers.storeIdOf(id), record)
    const control = yield* Scope.extend(makeControl(transfers, coming, writer, isKept), own)
    const remove = Effect.suspend(() => {
      transfers.leave(id)
      return control.cancel
    }).pipe(
      // Given within the run, the cancellation interrupts whoever waits for it.
      Effect.ensuring(writer.remove),
      Effect.ensuring(Scope.close(own, Exit.void)),
      Effect.ensuring(transfers.tellChange),
      Effect.uninterruptible
    )
    const ticket: Ticket<K, TransferNotPausable> = { ...control, id, remove }
    const entry: EntryOf<K> = {
      id,
      kind,
      input,
      submittedAt,
      state: "paused",
      progress: controlled.noProgress,
      exit: undefined
    }
    transfers.enter(id, { entry: entry as Entry, ticket: ticket as unknown as AnyTicket })
    yield* record.paused ? transfers.tellChange : control.resume
    return ticket
  }).pipe(Effect.uninterruptible, Effect.provide(transfers.parts.services))

// --- submitted, and restored -----------------------------------------------------------------------------------------

const submit =
  <K extends Kind>(transfers: Transfers, kind: K) =>
  (input: Inputs[K], options: Kinds[K]["options"] = {}): Effect.Effect<Ticket<K, TransferNotPausable>> =>
    Effect.gen(function* () {
      const { settings } = yield* CosClient
      // Stored in full, since a later process may have another default bucket, and run in another directory.
      const located = {
        ...input,
        ...inheritLocation(input, yield* CurrentBucket, settings),
        // Without one it is refused when its turn comes.
        ...("path" in input && typeof input.path === "string" ? { path: yield* absolutePath(input.path) } : {})
      }
      const now = yield* Clock.currentTimeMillis
      const record = {
        version: 1,
        queue: transfers.parts.name,
        ...transfers.nextPlace(now),
        kind,
        submittedAt: new Date(now),
        paused: false,
        ...inputFields(listed(located)),
        options: optionFields(options)
      } as unknown as QueueRecord
      return yield* add<K>(transfers, {
        kind,
        record,
        held: new Held(located),
        input: listed<K>(located),
        // What is in memory would have to be stored with it.
        isStorable: !isSecret(located) && (kind !== "upload" || "path" in located),
        isOneShot: kind === "upload" && isReadOnce(located as Inputs["upload"]),
        options
      })
    }).pipe(Effect.provide(transfers.parts.services))

/** Takes up what an earlier queue left in the store. Succeeds with what cannot be. */
const restoreAll = (
  transfers: Transfers,
  store: Checkpoint.Store.Service,
  isPaused: boolean
): Effect.Effect<ReadonlyArray<UnreadableEntry>, CheckpointError> =>
  Effect.gen(function* () {
    const { name } = transfers.parts
    const earlier = yield* queueRecord.restore(store, name, storePrefixOf(name))
    for (const record of earlier.transfers) {
      const input = { ...record.input, ...record.dates } as never
      yield* add(transfers, {
        kind: record.kind,
        record: { ...record, paused: record.paused || isPaused },
        held: new Held(input),
        input,
        isStorable: true,
        isOneShot: false,
        options: record.options,
        restored: (yield* queueRecord.checkpointOf(store, record)) as Saved<never> | undefined
      })
    }
    return earlier.unreadable
  })

/** What a store holds and nobody can read: it can be removed. */
class Unreadable {
  constructor(
    readonly transfers: Transfers,
    private entries: ReadonlyArray<UnreadableEntry>
  ) {}

  readonly list = Effect.sync(() => this.entries)

  /** Whether there was one. */
  remove(id: string): Effect.Effect<boolean> {
    return Effect.suspend(() => {
      const { store } = this.transfers.parts
      const isThere = this.entries.some((entry) => entry.id === id)
      if (store === undefined || !isThere) return Effect.succeed(false)
      this.entries = this.entries.filter((entry) => entry.id !== id)
      return Effect.as(
        Effect.catchAll(store.remove(this.transfers.storeIdOf(id)), (error) =>
          Effect.logWarning("a stored transfer could not be removed", error.message)
        ),
        true
      )
    })
  }
}

// --- the queue -------------------------------------------------------------------------------------------------------

/** Where the number of transfers is found: few whole ones at once, rather than many halves. */
const gateOptions = { start: 4, partsEach: 4 }

const partsOf = (options: Options) =>
  Effect.gen(function* () {
    yield* checkDurations("TransferQueue", options)
    const limits = yield* readConcurrency("TransferQueue", options.concurrency)
    return {
      name: options.name ?? "default",
      keepFinished: options.keepFinished ?? 1000,
      store: Option.getOrUndefined(yield* storeInContext),
      services: yield* Effect.context<Services>(),
      scope: yield* Scope.make(ExecutionStrategy.parallelN(16)),
      gate: yield* gates.make(limits, gateOptions),
      partsOfEach: limits.parts,
      common: {
        abortGrace: options.abortGrace,
        progressInterval: options.progressInterval,
        releaseLimit: options.releaseLimit,
        onFailure: "keep"
      },
      changed: yield* PubSub.sliding<void>({ capacity: 1, replay: 1 })
    } satisfies Parts
  })

export const make = (
  options: Options = {}
): Effect.Effect<TransferQueue.Service, InvalidInput | CheckpointError, Services | Scope.Scope> =>
  Effect.gen(function* () {
    const parts: Parts = yield* partsOf(options)
    const { gate, scope, services, store } = parts
    const transfers = new Transfers(parts)
    const commands = commandsOf(transfers.members)
    const close = (exit: Exit.Exit<unknown, unknown>) =>
      Effect.gen(function* () {
        transfers.isClosed = true
        yield* commands.pauseWaiting
        yield* Scope.close(scope, exit)
        transfers.hasEnded = true
        yield* transfers.tellChange
      }).pipe(controlled.apartFromRunOf(transfers))
    // Before anything is taken up, since not all may be. Not `Effect.addFinalizer`, as for a transfer.
    yield* Scope.addFinalizerExit(yield* Effect.scope, close)
    const unreadable = new Unreadable(
      transfers,
      store === undefined ? [] : yield* restoreAll(transfers, store, options.restore === "paused")
    )
    const changes = changesOf(transfers, options.changesInterval ?? "100 millis")
    const upload = submit(transfers, "upload") as TransferQueue.Service["upload"]
    const download: TransferQueue.Service["download"] = (input, options) =>
      Effect.map(submit(transfers, "download")(input, options), pausable)
    const ofFiles = { changes, concurrency: () => gate.current, services }
    return {
      upload,
      download,
      uploadFiles: queueFiles.uploadFiles({ ...ofFiles, upload }),
      downloadFiles: queueFiles.downloadFiles({ ...ofFiles, download }),
      copy: (input, options) => Effect.map(submit(transfers, "copy")(input, options), pausable),
      list: Effect.sync(() => transfers.entries),
      changes,
      get: (id) =>
        Effect.sync(() => Option.map(Option.fromNullable(transfers.members.get(id)), ({ ticket }) => ticket)),
      unreadable: unreadable.list,
      ...commands.public,
      remove: (id) =>
        Effect.flatMap(commands.remove(id), (found) => (found ? Effect.succeed(true) : unreadable.remove(id))),
      concurrency: Effect.sync(() => gate.current.current),
      setConcurrency: (concurrency) =>
        Effect.map(readConcurrency("TransferQueue", concurrency), ({ files }) => gate.setLimit(files))
    }
  })
