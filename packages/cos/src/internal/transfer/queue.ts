/** The queue: each transfer is one in hand that takes turns with the others. */
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as PubSub from "effect/PubSub"
import * as Queue from "effect/Queue"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Checkpoint from "../../Checkpoint.js"
import type { Controlled, State } from "../../Controlled.js"
import * as Copy from "../../Copy.js"
import { CosClient } from "../../CosClient.js"
import type { CheckpointError, InvalidInput } from "../../CosError.js"
import * as Download from "../../Download.js"
import type { Entry, EntryOf, Kind, Kinds, Options, Ticket, TransferQueue } from "../../TransferQueue.js"
import * as Upload from "../../Upload.js"
import { CurrentBucket, nearestLocation } from "../http/settings.js"
import { checkOptions, count } from "../operation/options.js"
import { within } from "./context.js"
import { currentStore } from "./currentStore.js"
import * as turns from "./fairSemaphore.js"
import * as handle from "./handle.js"
import * as restartable from "./restartable.js"
import type { Saved } from "./transferStore.js"

// --- kinds -----------------------------------------------------------------------------------------------------------

type Common = Pick<Upload.ResumableUploadOptions, "abortGrace" | "progressInterval" | "releaseLimit"> & {
  readonly onFailure: "keep"
}
type Services = CosClient | FileSystem.FileSystem

/** How transfers of a kind are run. */
type Running<K extends Kind> = (
  input: Kinds[K]["input"],
  options: Kinds[K]["options"] & Common
) => restartable.Restartable<Kinds[K]["success"], Kinds[K]["error"], Services, Kinds[K]["checkpoint"]>

const kinds: { readonly [K in Kind]: Running<K> } = {
  upload: (input, options) =>
    restartable.upload(input.key, options, (options: Upload.ResumableUploadOptions) => Upload.file(input, options)),
  download: (input, options) => restartable.download(input.key, options, (options) => Download.file(input, options)),
  copy: (input, options) =>
    restartable.upload(input.key, options, (options: Copy.CopyOptions) => Copy.object(input, options))
}

// --- what is kept of a transfer for a later process ------------------------------------------------------------------

const Fields = Schema.Record({ key: Schema.String, value: Schema.Unknown })

const Kept = Schema.Struct({
  version: Schema.Literal(1),
  queue: Schema.String,
  id: Schema.String,
  kind: Schema.Literal("upload", "download", "copy"),
  submittedAt: Schema.Date,
  /** Of those submitted at the same time. */
  order: Schema.Int,
  paused: Schema.Boolean,
  /** The input's fields; what is not JSON by itself is in `dates`. */
  input: Fields,
  dates: Schema.Record({ key: Schema.String, value: Schema.Date }),
  options: Fields,
  /** The id of its checkpoint. */
  checkpoint: Schema.optional(Schema.String)
})
type Kept = typeof Kept.Type

const AnyCheckpoint = Schema.Union(Checkpoint.Upload, Checkpoint.Download)

const keep = (input: object): Pick<Kept, "input" | "dates"> => {
  const fields = Object.entries(input)
  return {
    input: Object.fromEntries(fields.filter(([, value]) => !Predicate.isDate(value))),
    dates: Object.fromEntries(fields.filter((field): field is [string, Date] => Predicate.isDate(field[1])))
  }
}

/** Sizes may be bigints, which JSON does not have. */
const keepOptions = (options: object): Kept["options"] =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [name, typeof value === "bigint" ? Number(value) : value])
  )

const isSecret = (input: object): boolean =>
  ("customerKey" in input && input.customerKey !== undefined) ||
  ("sourceCustomerKey" in input && input.sourceCustomerKey !== undefined)

// --- the queue -------------------------------------------------------------------------------------------------------

/** A transfer of the queue, whatever its kind. */
interface Member {
  view: Entry
  readonly ticket: Ticket<Kind>
}

const isFinished = (state: State): boolean => state === "succeeded" || state === "failed" || state === "cancelled"

const limits = { concurrency: count(1, 1024), parts: count(1, 1024) }

export const make = (
  options: Options = {}
): Effect.Effect<TransferQueue.Service, InvalidInput | CheckpointError, Services | Scope.Scope> =>
  Effect.gen(function* () {
    const { changesInterval = "100 millis", keepFinished = 1000, name = "default", restore = "waiting" } = options
    yield* checkOptions("TransferQueue", options, limits)
    const services = yield* Effect.context<Services>()
    const { settings } = yield* CosClient
    const store = Option.getOrUndefined(yield* currentStore)
    const scope = yield* Scope.make(ExecutionStrategy.parallelN(16))
    const turn = turns.make(options.concurrency ?? 3)
    const parts = options.parts === undefined ? undefined : yield* Effect.makeSemaphore(options.parts)
    const common: Common = {
      abortGrace: options.abortGrace,
      progressInterval: options.progressInterval,
      releaseLimit: options.releaseLimit,
      onFailure: "keep"
    }

    const members = new Map<string, Member>()
    /** In the order in which they ended. */
    const finished = new Set<string>()
    let closed = false
    let submitted = 0

    // --- changes

    const changed = yield* PubSub.sliding<"changed" | "closed">({ capacity: 1, replay: 1 })
    const list = Effect.sync((): ReadonlyArray<Entry> => Array.from(members.values(), ({ view }) => view))
    const changes = Stream.unwrapScoped(
      Effect.map(PubSub.subscribe(changed), (news) =>
        Stream.unfoldEffect("first" as "first" | "more" | "last", (now) => {
          if (now === "last") return Effect.succeedNone
          const next =
            now === "first" ? Effect.succeed("changed" as const) : Effect.delay(Queue.take(news), changesInterval)
          return Effect.flatMap(next, (news) =>
            Effect.map(list, (entries) => Option.some([entries, news === "closed" ? "last" : "more"] as const))
          )
        })
      )
    )

    // --- one transfer

    const storeId = (id: string) => `queue-${name}-${id}`
    const persist = (self: Effect.Effect<void, CheckpointError>): Effect.Effect<void> =>
      Effect.catchAll(self, (error) =>
        Effect.logWarning("what the queue holds could not be written; it will not survive this process", error.message)
      )

    const enter = <K extends Kind>(
      kind: K,
      given: Kept,
      input: Kinds[K]["input"],
      transferOptions: Kinds[K]["options"],
      noted?: Saved<Kinds[K]["checkpoint"]>
    ): Effect.Effect<Ticket<K>> =>
      Effect.gen(function* () {
        const { id } = given
        const kept = store === undefined || isSecret(input) ? undefined : store
        const own = yield* Scope.fork(scope, ExecutionStrategy.sequential)

        let record = given
        let over = false
        const writing = yield* Effect.makeSemaphore(1)
        const write = (change: Partial<Kept>): Effect.Effect<void> =>
          Effect.suspend(() => {
            record = { ...record, ...change }
            return kept === undefined || over || closed ? Effect.void : persist(kept.set(storeId(id), Kept, record))
          }).pipe(writing.withPermits(1))
        const forget = Effect.suspend(() => {
          over = true
          return kept === undefined ? Effect.void : persist(kept.remove(storeId(id)))
        }).pipe(writing.withPermits(1))

        const view: EntryOf<K> = {
          id,
          kind,
          input,
          submittedAt: given.submittedAt,
          state: "paused",
          progress: handle.noProgress,
          exit: undefined
        }
        const onChange = (now: Pick<EntryOf<K>, "state" | "progress" | "exit">): Effect.Effect<void> =>
          Effect.gen(function* () {
            const member = members.get(id)
            if (member === undefined) return
            const before = member.view.state
            member.view = { ...member.view, ...now } as Entry
            yield* PubSub.publish(changed, "changed")
            if (now.state === before) return
            finished.delete(id)
            if (isFinished(now.state)) finished.add(id)
            if (now.state === "paused" || now.state === "waiting") yield* write({ paused: now.state === "paused" })
            if (now.state === "succeeded" || now.state === "cancelled") yield* forget
            yield* evict
          })
        const control = yield* handle
          .make(kinds[kind](input, { ...transferOptions, ...common }), {
            isKept: () => kept !== undefined,
            withPermit: turn.inTurn,
            paused: true,
            restored: noted,
            onSaved: (checkpoint) => write({ checkpoint }),
            onChange
          })
          .pipe(parts === undefined ? identity : within({ withPermit: parts.withPermits(1) }), Scope.extend(own))

        const remove = Effect.gen(function* () {
          members.delete(id)
          finished.delete(id)
          yield* control.cancel
          yield* forget
          yield* Scope.close(own, Exit.void)
          yield* PubSub.publish(changed, "changed")
        }).pipe(Effect.uninterruptible)
        const ticket = { ...control, id, remove }
        members.set(id, { view: view as Entry, ticket: ticket as unknown as Ticket<Kind> })
        if (given.paused) yield* PubSub.publish(changed, "changed")
        else yield* control.resume
        return ticket satisfies Ticket<K>
      }).pipe(Effect.uninterruptible, Effect.provide(services))

    /** Forgets the oldest of those that are over; in a fiber of its own, for this is told within a transfer's change. */
    const evict = Effect.suspend(() => {
      const [oldest] = finished
      if (closed || oldest === undefined || finished.size <= keepFinished) return Effect.void
      finished.delete(oldest)
      return Effect.asVoid(Effect.forkIn(members.get(oldest)?.ticket.remove ?? Effect.void, scope))
    })

    const submit =
      <K extends Kind>(kind: K) =>
      (input: Kinds[K]["input"], transferOptions: Kinds[K]["options"] = {}): Effect.Effect<Ticket<K>> =>
        Effect.gen(function* () {
          const located = { ...input, ...nearestLocation(input, yield* CurrentBucket, settings) }
          const now = yield* Clock.currentTimeMillis
          let id: string
          do {
            id = `${now.toString(36)}-${submitted}`
            submitted += 1
          } while (members.has(id))
          return yield* enter(
            kind,
            {
              version: 1,
              queue: name,
              id,
              kind,
              submittedAt: new Date(now),
              order: submitted,
              paused: false,
              ...keep(located),
              options: keepOptions(transferOptions)
            },
            located,
            transferOptions
          )
        })

    // --- what an earlier process left

    if (store !== undefined) {
      const ids = (yield* store.list).filter((id) => id.startsWith(storeId("")))
      const found = (yield* Effect.forEach(ids, (id) => store.get(id, Kept))).flatMap(Option.toArray)
      const left = found.filter(({ queue }) => queue === name)
      left.sort((a, b) => a.submittedAt.getTime() - b.submittedAt.getTime() || a.order - b.order)
      for (const kept of left) {
        const { checkpoint: id, kind, options } = kept
        const found = id === undefined ? Option.none() : yield* store.get(id, AnyCheckpoint)
        yield* enter(
          kind,
          { ...kept, paused: kept.paused || restore === "paused" },
          { ...kept.input, ...kept.dates } as never,
          options,
          id === undefined || Option.isNone(found) ? undefined : { id, checkpoint: found.value }
        )
      }
    }

    // --- commands

    const command =
      (act: (ticket: Ticket<Kind>) => Effect.Effect<unknown>) =>
      (id: string): Effect.Effect<boolean> =>
        Effect.suspend(() => {
          const member = members.get(id)
          return member === undefined ? Effect.succeed(false) : Effect.as(act(member.ticket), true)
        })
    const all = (
      of: (state: State) => boolean,
      act: (ticket: Ticket<Kind>) => Effect.Effect<unknown>,
      concurrency = 16
    ) =>
      Effect.suspend(() =>
        Effect.forEach(
          Array.from(members.values()).filter(({ view }) => of(view.state)),
          ({ ticket }) => act(ticket),
          { concurrency, discard: true }
        )
      )
    /** Those that wait first, or they would begin when the others stop. */
    const waitingFirst = (of: (state: State) => boolean, act: (ticket: Ticket<Kind>) => Effect.Effect<unknown>) =>
      Effect.zipRight(
        all((state) => state === "waiting", act),
        all((state) => of(state), act)
      )
    const pause = (ticket: Controlled<unknown, unknown, unknown>) => ticket.pause
    const resume = (ticket: Controlled<unknown, unknown, unknown>) => ticket.resume
    const cancel = (ticket: Controlled<unknown, unknown, unknown>) => ticket.cancel
    const remove = (ticket: Ticket<Kind>) => ticket.remove

    yield* Effect.addFinalizer((exit) =>
      Effect.gen(function* () {
        closed = true
        yield* waitingFirst(() => false, pause)
        yield* Scope.close(scope, exit)
        yield* PubSub.publish(changed, "closed")
      })
    )
    return {
      upload: submit("upload"),
      download: submit("download"),
      copy: submit("copy"),
      list,
      changes,
      get: (id) => Effect.sync(() => Option.map(Option.fromNullable(members.get(id)), ({ ticket }) => ticket)),
      pause: command(pause),
      resume: command(resume),
      cancel: command(cancel),
      remove: command(remove),
      pauseAll: waitingFirst((state) => !isFinished(state), pause),
      resumeAll: all((state) => state === "paused" || state === "failed", resume, 1),
      cancelAll: waitingFirst((state) => !isFinished(state), cancel),
      removeAll: waitingFirst(() => true, remove),
      removeFinished: all(isFinished, remove),
      concurrency: Effect.sync(turn.limit),
      setConcurrency: (concurrency) =>
        Effect.zipRight(checkOptions("TransferQueue", { concurrency }, limits), turn.setLimit(concurrency))
    }
  })
