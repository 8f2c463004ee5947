/**
 * A lease is the right of one process to a checkpoint, for as long as it shows signs of life. Here: which process owns a
 * checkpoint, among those that share a directory. A process that wants it creates a file of its own, and then reads
 * those of the others: it is the owner only if every other file belongs to a dead process, so there is never more than
 * one owner. The owner keeps changing its file, which holds a counter. A process counts as dead when the operating
 * system says that it is gone, which can be asked on the same system only, or when its file has not changed for a whole
 * lease. The watcher measures that by its own clock, since the clocks of two hosts cannot be compared.
 */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { Lease } from "../../Checkpoint.js"
import { isNotFound } from "../file/isNotFound.js"
import { monotonicMillis } from "../time/monotonic.js"
import { runInterruptible } from "../time/runBounded.js"

/** After so long without a sign of life an owner counts as dead. */
const leaseTime = Duration.seconds(15)
const beatInterval = Duration.seconds(3)
const leaseNanos = Option.getOrThrow(Duration.toNanos(leaseTime))
/** Has as many digits as the counts that follow, so that each beat overwrites the one before. */
const firstBeat = 1_000_000
const watchInterval = Duration.millis(500)

/** Where a process can be seen: processes of one system see each other, if it tells them apart at all. */
const Process = Schema.Struct({ system: Schema.String, pid: Schema.String, startedAt: Schema.String })
type Process = typeof Process.Type

const Sign = Schema.parseJson(Schema.Struct({ beat: Schema.Int, process: Schema.optional(Process) }))

/** Reads `/proc/<pid>/stat`, where the command in parentheses may hold anything. */
const statOf = (text: string): { readonly pid: string; readonly startedAt: string } | undefined => {
  const end = text.lastIndexOf(")")
  const startedAt = text.slice(end + 2).split(" ")[19]
  return end === -1 || startedAt === undefined ? undefined : { pid: text.slice(0, text.indexOf(" ")), startedAt }
}

/** This process, where the system says enough: the boot, and the namespace in which its number means something. */
const currentProcess = (fs: FileSystem.FileSystem): Effect.Effect<Process | undefined> =>
  Effect.gen(function* () {
    const boot = yield* fs.readFileString("/proc/sys/kernel/random/boot_id")
    const namespace = yield* fs.readLink("/proc/self/ns/pid")
    const stat = statOf(yield* fs.readFileString("/proc/self/stat"))
    return stat === undefined ? undefined : { system: `${boot.trim()} ${namespace}`, ...stat }
  }).pipe(Effect.orElseSucceed(() => undefined))

type Life = "alive" | "dead" | "unknown"

const lifeOf =
  (fs: FileSystem.FileSystem, self: Process | undefined) =>
  (text: string): Effect.Effect<Life> =>
    Effect.gen(function* () {
      const sign = Schema.decodeEither(Sign)(text)
      const process = Either.isRight(sign) ? sign.right.process : undefined
      if (process === undefined || self === undefined || process.system !== self.system) return "unknown"
      const stat = yield* Effect.either(fs.readFileString(`/proc/${process.pid}/stat`))
      if (Either.isRight(stat)) return statOf(stat.right)?.startedAt === process.startedAt ? "alive" : "dead"
      return isNotFound(stat.left) ? "dead" : "unknown"
    })

export const isOwnerFile = (name: string): boolean => name.includes(".owner-")

/** Whether the file is of a process that can be seen: however old the file seems, the clock may have been set. */
export const isOfLivingProcess = (fs: FileSystem.FileSystem, path: string): Effect.Effect<boolean, PlatformError> =>
  Effect.gen(function* () {
    const text = yield* fs.readFileString(path)
    return (yield* lifeOf(fs, yield* currentProcess(fs))(text)) === "alive"
  })

const make = (fs: FileSystem.FileSystem, directory: string, name: string, self: Process | undefined) => {
  const prefix = `${name}.owner-`
  const lifeOfOwner = lifeOf(fs, self)
  const others = (own: string) =>
    Effect.map(fs.readDirectory(directory), (names) => names.filter((name) => name.startsWith(prefix) && name !== own))
  const read = (file: string) => Effect.option(fs.readFileString(`${directory}/${file}`))
  const remove = (file: string) => Effect.ignore(fs.remove(`${directory}/${file}`, { force: true }))

  /** Watches an owner until it beats, has been silent for a lease, or its process is gone. */
  const watch = (file: string, first: string): Effect.Effect<Life> =>
    Effect.gen(function* () {
      const since = yield* monotonicMillis
      while ((yield* monotonicMillis) - since <= Duration.toMillis(leaseTime)) {
        yield* Effect.sleep(watchInterval)
        const now = yield* read(file)
        if (Option.isNone(now)) return "dead"
        if (now.value !== first) return "alive"
        if ((yield* lifeOfOwner(first)) === "dead") return "dead"
      }
      return "dead"
    })

  /** Whether every other owner is dead; their files are removed then. `patient`: also one whose process stands still. */
  const isFree = (own: string, patient: boolean) =>
    Effect.gen(function* () {
      for (const file of yield* others(own)) {
        const text = yield* read(file)
        if (Option.isNone(text)) continue
        const seen = yield* lifeOfOwner(text.value)
        const life = seen === "unknown" || (seen === "alive" && patient) ? yield* watch(file, text.value) : seen
        if (life !== "dead") return false
        yield* remove(file)
      }
      return true
    })

  /** Fails if the file is gone: somebody has taken over. A file that is removed meanwhile does not come back. */
  const beat = (own: string, count: number) =>
    Effect.scoped(
      Effect.flatMap(fs.open(`${directory}/${own}`, { flag: "r+" }), (file) =>
        file.writeAll(new TextEncoder().encode(signOf(count)))
      )
    )
  const signOf = (beat: number) => JSON.stringify({ beat, ...(self === undefined ? {} : { process: self }) })

  const acquire = (patient: boolean): Effect.Effect<Option.Option<Lease>, PlatformError, Scope.Scope> =>
    Effect.gen(function* () {
      const own = `${prefix}${crypto.randomUUID()}`
      const create = fs.writeFileString(`${directory}/${own}`, signOf(firstBeat), { flag: "wx", mode: 0o600 })
      // On a full disk the file may be there all the same, without what tells whose it is.
      yield* Effect.acquireRelease(
        Effect.onError(create, () => remove(own)),
        () => remove(own)
      )
      // At once: the next attempt would take this process for the owner.
      const giveUp = Effect.as(remove(own), Option.none<Lease>())
      if (!(yield* isFree(own, patient))) return yield* giveUp
      let beats = firstBeat
      let lastBeat = yield* Clock.currentTimeNanos
      let isLost = false
      const isHeld = Effect.map(Clock.currentTimeNanos, (now) => {
        // Who was stopped for so long may have been taken for dead.
        if (now - lastBeat > leaseNanos) isLost = true
        return !isLost
      })
      const beatOnce = Effect.gen(function* () {
        beats += 1
        const result = yield* Effect.either(
          runInterruptible(beat(own, beats), { limit: beatInterval, onTimeout: () => undefined })
        )
        // A file system that fails for a moment is forgiven until the lease is over.
        if (Either.isRight(result)) {
          if (yield* isHeld) lastBeat = yield* Clock.currentTimeNanos
        } else if (isNotFound(result.left)) isLost = true
        return yield* isHeld
      })
      // It may have taken long to look at the others.
      if (!(yield* beatOnce)) return yield* giveUp
      const lost = yield* Deferred.make<void>()
      yield* Effect.repeat(Effect.delay(beatOnce, beatInterval), { while: (held) => held }).pipe(
        Effect.zipRight(Deferred.succeed(lost, undefined)),
        Effect.interruptible,
        Effect.forkScoped
      )
      return Option.some<Lease>({ isHeld, lost: Deferred.await(lost) })
    })
  return acquire
}

/** Owns `name` within the directory until the scope closes; none if another owner lives. */
export const acquire = (
  fs: FileSystem.FileSystem,
  directory: string,
  name: string,
  wait: boolean
): Effect.Effect<Option.Option<Lease>, PlatformError, Scope.Scope> =>
  Effect.gen(function* () {
    const attempt = make(fs, directory, name, yield* currentProcess(fs))(wait)
    // Two that come at once see each other, and both step back.
    for (let attempts = 1; ; attempts++) {
      const lease = yield* attempt
      if (Option.isSome(lease) || (!wait && attempts === 3)) return lease
      yield* Effect.sleep(Duration.millis(yield* Random.nextIntBetween(1, wait ? 500 : 20)))
    }
  })
