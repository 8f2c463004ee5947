/** The queue: controlled transfers that share a semaphore, and that a store keeps for a later process. */
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Clock from "effect/Clock"
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
import type { State } from "../../Controlled.js"
import * as Copy from "../../Copy.js"
import { CosClient } from "../../CosClient.js"
import type { CheckpointError, InvalidInput, TransferNotPausable } from "../../CosError.js"
import * as Download from "../../Download.js"
import type {
  DownloadInput,
  Entry,
  EntryOf,
  Kind,
  Kinds,
  Options,
  Ticket,
  TransferQueue,
  UnreadableEntry
} from "../../TransferQueue.js"
import * as Upload from "../../Upload.js"
import { absolutePath } from "../file/absolutePath.js"
import { CurrentBucket, inheritLocation } from "../http/settingPrecedence.js"
import { readConcurrency } from "./concurrencyOption.js"
import { confirmSaved, type Findable } from "./confirmSaved.js"
import * as controlled from "./controlled.js"
import type { Saved } from "./controlledCheckpoint.js"
import * as gates from "./gate.js"
import { canResume, isFinal, isFinished } from "./lifecycle.js"
import * as queueFiles from "./queueFiles.js"
import * as queueRecord from "./queueRecord.js"
import { inputFields, isSecret, optionFields, QueueRecord } from "./queueRecord.js"
import * as restartable from "./restartable.js"
import { storeInContext } from "./storeInContext.js"
import { isReadOnce } from "./upload/source.js"

// --- kinds -----------------------------------------------------------------------------------------------------------

type Common = Pick<Upload.ResumableUploadOptions, "abortGrace" | "progressInterval" | "releaseLimit"> & {
  readonly onFailure: "keep"
}
type Services = CosClient | FileSystem.FileSystem

/** What transfers of each kind are made of. */
interface Inputs {
  readonly upload: Upload.UploadTarget & Upload.UploadContent
  readonly download: DownloadInput
  readonly copy: Copy.CopyInput
}

/** Content in memory is let go of when the transfer is over, though the transfer is listed for longer. */
class Held<A> {
  private value: A | undefined
  constructor(value: A) {
    this.value = value
  }
  get current(): Effect.Effect<A> {
    return Effect.suspend(() =>
      this.value === undefined ? Effect.dieMessage("a transfer that is over has begun") : Effect.succeed(this.value)
    )
  }
  release(): void {
    this.value = undefined
  }
}

type Restartable<K extends Kind> = restartable.Restartable<
  Kinds[K]["success"],
  Kinds[K]["error"],
  Services,
  Kinds[K]["checkpoint"]
>

/** How transfers of a kind are run. */
type RunOf<K extends Kind> = (
  key: string,
  input: Held<Inputs[K]>,
  options: Kinds[K]["options"] & Common
) => Restartable<K>

const kinds: { readonly [K in Kind]: RunOf<K> } = {
  upload: (key, input, options) =>
    restartable.upload(key, options, (options: Upload.ResumableUploadOptions) =>
      Effect.flatMap(input.current, (input) => Upload.content(input, options))
    ),
  download: (key, input, options) =>
    restartable.download(key, options, (options) =>
      Effect.flatMap(input.current, (input) => Download.file(input, options))
    ),
  copy: (key, input, options) =>
    restartable.upload(key, options, (options: Copy.CopyOptions) =>
      Effect.flatMap(input.current, (input) => Copy.object(input, options))
    )
}

/** Of a source that can be read again, as those of downloads and copies can. */
const pausable = <K extends Kind>(ticket: Ticket<K, TransferNotPausable>): Ticket<K> => ({
  ...ticket,
  pause: Effect.orDie(ticket.pause)
})

/** An input without its content. */
const listed = <K extends Kind>(input: Inputs[K]): Kinds[K]["input"] => {
  const {
    blob: _blob,
    body: _body,
    bytes: _bytes,
    size: _size,
    stream: _stream,
    ...rest
  } = input as object & {
    readonly [field: string]: unknown
  }
  return rest as unknown as Kinds[K]["input"]
}

// --- a transfer in the queue -----------------------------------------------------------------------------------------

/** A transfer of the queue, whatever its kind. */
interface Member {
  entry: Entry
  readonly ticket: Ticket<Kind, TransferNotPausable>
}

/** What the store holds of one transfer. Trouble with the store is logged: the transfer itself goes on. */
interface RecordWriter {
  readonly update: (change: Partial<Pick<QueueRecord, "paused" | "checkpoint">>) => Effect.Effect<void>
  readonly remove: Effect.Effect<void>
  /** Whether a later queue can find the record. */
  readonly findable: Effect.Effect<Findable>
}

const makeRecordWriter = (
  store: Checkpoint.Store.Service | undefined,
  id: string,
  first: QueueRecord,
  isClosed: () => boolean
): RecordWriter => {
  if (store === undefined) return { update: () => Effect.void, remove: Effect.void, findable: Effect.succeed("lost") }
  const lock = Effect.unsafeMakeSemaphore(1)
  const logged = (self: Effect.Effect<void, CheckpointError>): Effect.Effect<void> =>
    Effect.catchAll(self, (error) =>
      Effect.logWarning("the queue could not be written to its store; it will not survive this process", error.message)
    )
  let current = first
  let isRemoved = false
  return {
    update: (change) =>
      Effect.suspend(() => {
        // The queue pauses its transfers when it closes: they come back as they were before.
        if (isRemoved || isClosed()) return Effect.void
        current = { ...current, ...change } as QueueRecord
        return logged(store.set(id, QueueRecord, current))
      }).pipe(lock.withPermits(1)),
    remove: Effect.suspend(() => {
      isRemoved = true
      return logged(store.remove(id))
    }).pipe(lock.withPermits(1)),
    findable: Effect.suspend(() =>
      confirmSaved(store, id, QueueRecord, current, (found) => found.checkpoint === current.checkpoint)
    ).pipe(lock.withPermits(1))
  }
}

/** The list now, and again after changes, at most once an interval. */
const changesOf = (
  changed: PubSub.PubSub<"changed" | "closed">,
  list: Effect.Effect<ReadonlyArray<Entry>>,
  interval: Duration.DurationInput
): Stream.Stream<ReadonlyArray<Entry>> =>
  Stream.unwrapScoped(
    Effect.map(PubSub.subscribe(changed), (news) =>
      Stream.unfoldEffect("first" as "first" | "more" | "last", (now) => {
        if (now === "last") return Effect.succeedNone
        const next = now === "first" ? Effect.succeed("changed" as const) : Effect.delay(Queue.take(news), interval)
        return Effect.flatMap(next, (news) =>
          Effect.map(list, (entries) => Option.some([entries, news === "closed" ? "last" : "more"] as const))
        )
      })
    )
  )

// --- commands --------------------------------------------------------------------------------------------------------

type AnyTicket = Ticket<Kind, TransferNotPausable>
type Command<E = never> = (ticket: AnyTicket) => Effect.Effect<unknown, E>

const pause: Command<TransferNotPausable> = (ticket) => ticket.pause
const pauseIfPossible: Command = (ticket) => Effect.ignore(ticket.pause)
const resume: Command = (ticket) => ticket.resume
const cancel: Command = (ticket) => ticket.cancel
const remove: Command = (ticket) => ticket.remove

const commandsOf = (members: ReadonlyMap<string, Member>) => {
  const one =
    <E>(command: Command<E>) =>
    (id: string): Effect.Effect<boolean, E> =>
      Effect.suspend(() => {
        const member = members.get(id)
        return member === undefined ? Effect.succeed(false) : Effect.as(command(member.ticket), true)
      })
  const all = (where: (state: State) => boolean, command: Command, concurrency = 16): Effect.Effect<void> =>
    Effect.suspend(() =>
      Effect.forEach(
        Array.from(members.values()).filter(({ entry }) => where(entry.state)),
        ({ ticket }) => command(ticket),
        { concurrency, discard: true }
      )
    )
  /** The waiting ones first: else they would start as soon as the running ones stop. */
  const waitingFirst = (where: (state: State) => boolean, command: Command) =>
    Effect.zipRight(
      all((state) => state === "waiting", command),
      all(where, command)
    )
  const isUnfinished = (state: State) => !isFinished(state)
  return {
    pauseWaiting: all((state) => state === "waiting", pauseIfPossible),
    public: {
      pause: one(pause),
      resume: one(resume),
      cancel: one(cancel),
      pauseAll: waitingFirst(isUnfinished, pauseIfPossible),
      resumeAll: all(canResume, resume, 1),
      cancelAll: waitingFirst(isUnfinished, cancel),
      removeAll: waitingFirst(() => true, remove),
      removeFinished: all(isFinished, remove)
    },
    remove: one(remove)
  }
}

// --- the queue -------------------------------------------------------------------------------------------------------

/** Where the number of transfers is found: few whole ones at once, rather than many halves. */
const gateOptions = { start: 4, partsEach: 4 }

export const make = (
  options: Options = {}
): Effect.Effect<TransferQueue.Service, InvalidInput | CheckpointError, Services | Scope.Scope> =>
  Effect.gen(function* () {
    const { changesInterval = "100 millis", keepFinished = 1000, name = "default", restore = "waiting" } = options
    const limits = yield* readConcurrency("TransferQueue", options.concurrency)
    const services = yield* Effect.context<Services>()
    const { settings } = yield* CosClient
    const store = Option.getOrUndefined(yield* storeInContext)
    const scope = yield* Scope.make(ExecutionStrategy.parallelN(16))
    const gate = yield* gates.make(limits, gateOptions)
    const common: Common = {
      abortGrace: options.abortGrace,
      progressInterval: options.progressInterval,
      releaseLimit: options.releaseLimit,
      onFailure: "keep"
    }

    const members = new Map<string, Member>()
    /** In the order in which they ended. */
    const finished = new Set<string>()
    let unreadable: ReadonlyArray<UnreadableEntry> = []
    let isClosed = false
    let submitted = 0

    const changed = yield* PubSub.sliding<"changed" | "closed">({ capacity: 1, replay: 1 })
    const list = Effect.sync((): ReadonlyArray<Entry> => Array.from(members.values(), ({ entry }) => entry))
    const storePrefix = `queue-${name}-`

    /** Removes the oldest finished one; in a fiber of its own, for it is called within a change of a transfer. */
    const evict = Effect.suspend(() => {
      const [oldest] = finished
      if (isClosed || oldest === undefined || finished.size <= keepFinished) return Effect.void
      finished.delete(oldest)
      return Effect.asVoid(Effect.forkIn(members.get(oldest)?.ticket.remove ?? Effect.void, scope))
    })

    /** Called within every change of a transfer. */
    const changeOf =
      (id: string, held: Held<unknown>, writer: RecordWriter) => (now: controlled.Snapshot<unknown, unknown>) =>
        Effect.gen(function* () {
          const member = members.get(id)
          if (member === undefined) return
          const before = member.entry.state
          member.entry = { ...member.entry, ...now } as Entry
          yield* PubSub.publish(changed, "changed")
          if (now.state === before) return
          finished.delete(id)
          if (isFinished(now.state)) finished.add(id)
          if (now.state === "paused" || now.state === "waiting")
            yield* writer.update({ paused: now.state === "paused" })
          if (isFinal(now.state)) {
            held.release()
            yield* writer.remove
          }
          yield* evict
        })

    const add = <K extends Kind>(
      kind: K,
      record: QueueRecord,
      held: Held<Inputs[K]>,
      content: { readonly input: Kinds[K]["input"]; readonly isStorable: boolean; readonly isOneShot: boolean },
      transferOptions: Kinds[K]["options"],
      restored?: Saved<Kinds[K]["checkpoint"]>
    ): Effect.Effect<Ticket<K, TransferNotPausable>> =>
      Effect.gen(function* () {
        const { id, submittedAt } = record
        const { input, isOneShot } = content
        const keepsIt = store !== undefined && content.isStorable
        const own = yield* Scope.fork(scope, ExecutionStrategy.sequential)
        const writer = makeRecordWriter(keepsIt ? store : undefined, `${storePrefix}${id}`, record, () => isClosed)
        const control = yield* controlled
          .makeAny(
            {
              ...kinds[kind](input.key, held, { concurrency: limits.parts, ...transferOptions, ...common }),
              isOneShot
            },
            {
              isKept: () => keepsIt,
              withTurn: gate.file,
              paused: true,
              restored,
              onSaved: (checkpoint) => writer.update({ checkpoint }),
              findable: writer.findable,
              onChange: changeOf(id, held, writer)
            }
          )
          .pipe(gate.share, Scope.extend(own))

        const remove = Effect.gen(function* () {
          members.delete(id)
          finished.delete(id)
          yield* control.cancel
          yield* writer.remove
          yield* Scope.close(own, Exit.void)
          yield* PubSub.publish(changed, "changed")
        }).pipe(Effect.uninterruptible)
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
        members.set(id, { entry: entry as Entry, ticket: ticket as unknown as AnyTicket })
        yield* record.paused ? PubSub.publish(changed, "changed") : control.resume
        return ticket
      }).pipe(Effect.uninterruptible, Effect.provide(services))

    const nextId = (now: number): string => {
      const id = `${now.toString(36)}-${submitted}`
      submitted += 1
      return members.has(id) ? nextId(now) : id
    }

    const submit =
      <K extends Kind>(kind: K) =>
      (input: Inputs[K], transferOptions: Kinds[K]["options"] = {}): Effect.Effect<Ticket<K, TransferNotPausable>> =>
        Effect.gen(function* () {
          // Stored in full, since a later process may have another default bucket, and run in another directory.
          const located = {
            ...input,
            ...inheritLocation(input, yield* CurrentBucket, settings),
            ...("path" in input ? { path: yield* absolutePath(input.path) } : {})
          }
          const now = yield* Clock.currentTimeMillis
          const stored = {
            version: 1,
            queue: name,
            id: nextId(now),
            kind,
            submittedAt: new Date(now),
            order: submitted,
            paused: false,
            ...inputFields(listed(located)),
            options: optionFields(transferOptions)
          } as unknown as QueueRecord
          // What is in memory would have to be stored with it.
          const isStorable = !isSecret(located) && (kind !== "upload" || "path" in located)
          const isOneShot = kind === "upload" && isReadOnce(located as Inputs["upload"])
          const content = { input: listed<K>(located), isStorable, isOneShot }
          return yield* add(kind, stored, new Held(located), content, transferOptions)
        }).pipe(Effect.provide(services))

    if (store !== undefined) {
      const earlier = yield* queueRecord.restore(store, name, storePrefix)
      unreadable = earlier.unreadable
      for (const transfer of earlier.transfers) {
        yield* add(
          transfer.kind,
          { ...transfer, paused: transfer.paused || restore === "paused" },
          new Held({ ...transfer.input, ...transfer.dates } as never),
          {
            input: { ...transfer.input, ...transfer.dates } as never,
            isStorable: true,
            isOneShot: false
          },
          transfer.options,
          (yield* queueRecord.checkpointOf(store, transfer)) as Saved<never> | undefined
        )
      }
    }

    const removeUnreadable = (id: string): Effect.Effect<boolean> =>
      Effect.suspend(() => {
        const isThere = unreadable.some((entry) => entry.id === id)
        if (store === undefined || !isThere) return Effect.succeed(false)
        unreadable = unreadable.filter((entry) => entry.id !== id)
        return Effect.as(
          Effect.catchAll(store.remove(`${storePrefix}${id}`), (error) =>
            Effect.logWarning("a stored transfer could not be removed", error.message)
          ),
          true
        )
      })

    const commands = commandsOf(members)
    yield* Effect.addFinalizer((exit) =>
      Effect.gen(function* () {
        isClosed = true
        yield* commands.pauseWaiting
        yield* Scope.close(scope, exit)
        yield* PubSub.publish(changed, "closed")
      })
    )
    const changes = changesOf(changed, list, changesInterval)
    const concurrency = () => gate.current
    const upload = submit("upload") as TransferQueue.Service["upload"]
    const download: TransferQueue.Service["download"] = (input, options) =>
      Effect.map(submit("download")(input, options), pausable)
    return {
      upload,
      download,
      uploadFiles: queueFiles.uploadFiles({ changes, concurrency, upload, services }),
      downloadFiles: queueFiles.downloadFiles({ changes, concurrency, download, services }),
      copy: (input, options) => Effect.map(submit("copy")(input, options), pausable),
      list,
      changes,
      get: (id) => Effect.sync(() => Option.map(Option.fromNullable(members.get(id)), ({ ticket }) => ticket)),
      unreadable: Effect.sync(() => unreadable),
      ...commands.public,
      remove: (id) =>
        Effect.flatMap(commands.remove(id), (found) => (found ? Effect.succeed(true) : removeUnreadable(id))),
      concurrency: Effect.sync(() => gate.current.current),
      setConcurrency: (concurrency) =>
        Effect.map(readConcurrency("TransferQueue", concurrency), ({ files }) => gate.setLimit(files))
    }
  })
