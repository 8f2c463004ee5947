/**
 * The command with `--dir` is killed at a random moment while many write, and started again: what it had acknowledged is
 * there byte for byte, what it had not is there whole or not at all, and no file is left over.
 *
 * One round in ten does so on a disk that is full, where the server has to refuse, live, and take removals. Another one
 * damages the records of a copy: the server has to start, say so, and have what lies in files of its own.
 */
import { cpSync, existsSync, openSync, readdirSync, readSync, rmSync, statSync, truncateSync, writeSync } from "node:fs"
import * as Command from "@effect/platform/Command"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import * as Cos from "effect-cos/Cos"
import { Failed, main, run } from "../tool.js"
import { client, install, type Running, start } from "./command.js"
import * as Ledger from "./ledger.js"

export const description =
  "kill -9 of the emulator under concurrent writes, on a full disk too, and damaged records: 200 rounds (or as many as the argument says)"

const rounds = Number(process.argv[2] ?? 200)
const idleKeys = 10_000

const kill = ({ child, end }: Running) => {
  child.kill("SIGKILL")
  return Effect.promise(() => end)
}

const expectNone = (what: string, problems: ReadonlyArray<string>): Effect.Effect<void, Failed> =>
  problems.length === 0 ? Effect.void : new Failed(`${what}:\n${problems.join("\n")}`)

// -------------------------------------------------------------------------------------
// killed while it writes
// -------------------------------------------------------------------------------------

/** Starts it, looks at what the last kill left, writes, kills. */
const killRound = (command: string, ledger: Ledger.Ledger, dir: string): Effect.Effect<Running, unknown, Scope.Scope> =>
  Effect.gen(function* () {
    const running = yield* start(command, "--dir", dir)
    yield* Effect.gen(function* () {
      yield* expectNone("after a kill", yield* Ledger.look(ledger, dir))
      const fiber = yield* Effect.fork(Effect.flip(Effect.zipRight(Ledger.writeForever(ledger), Effect.never)))
      const early = yield* Fiber.join(fiber).pipe(Effect.timeoutOption(yield* Random.nextRange(20, 1000)))
      if (Option.isSome(early)) return yield* new Failed(`a write failed: ${early.value}`)
      yield* kill(running)
      yield* Fiber.await(fiber)
    }).pipe(Effect.provide(client(running)))
    return running
  })

// -------------------------------------------------------------------------------------
// a full disk
// -------------------------------------------------------------------------------------

/** A small disk of its own, where this user may make one. */
const smallDisk = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const dir = yield* fs.makeTempDirectoryScoped({ prefix: "effect-cos-full-" })
  const mounted = yield* Effect.acquireRelease(
    Effect.map(run(Command.make("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", dir)), ({ ok }) => ok),
    (mounted) => (mounted ? Effect.ignore(run(Command.make("umount", "-l", dir))) : Effect.void)
  )
  return mounted ? Option.some(`${dir}/data`) : Option.none<string>()
})

const isDiskFull = (error: unknown): boolean =>
  String((error as { readonly message?: string }).message).includes("space")

/** Fills the disk, looks, removes some, fills it again, and kills the server in the midst of it. */
const fullRound = (command: string, ledger: Ledger.Ledger, dir: string): Effect.Effect<void, unknown, Scope.Scope> =>
  Effect.gen(function* () {
    const running = yield* start(command, "--dir", dir)
    yield* Effect.gen(function* () {
      yield* expectNone("on a full disk, after a kill", yield* Ledger.look(ledger, dir))
      const refusals = yield* Ledger.fill(ledger)
      const other = refusals.find((error) => !isDiskFull(error))
      if (other !== undefined) return yield* new Failed(`on a full disk, a write was refused with ${other}`)
      yield* expectNone("on a full disk", yield* Ledger.look(ledger, dir))
      const keys = [...ledger.expected.keys()]
      yield* Effect.forEach(
        keys.filter((_, index) => index % 2 === 0),
        (key) => Ledger.remove(ledger, key),
        { discard: true }
      )
      const fiber = yield* Effect.fork(Ledger.fill(ledger))
      yield* Effect.timeoutOption(Fiber.join(fiber), yield* Random.nextRange(20, 500))
      yield* kill(running)
      yield* Fiber.await(fiber)
    }).pipe(Effect.provide(client(running)))
  })

// -------------------------------------------------------------------------------------
// damaged records
// -------------------------------------------------------------------------------------

const flip = (file: string, at: number): void => {
  const descriptor = openSync(file, "r+")
  const byte = Buffer.alloc(1)
  readSync(descriptor, byte, 0, 1, at)
  byte[0] = (byte[0] ?? 0) ^ 0xff
  writeSync(descriptor, byte, 0, 1, at)
}

const damages: ReadonlyArray<readonly [name: string, damage: (file: string, chance: number) => void]> = [
  ["one byte", (file, chance) => flip(file, Math.floor(chance * statSync(file).size))],
  [
    "a hundred bytes",
    (file, chance) => {
      for (let i = 0; i < 100; i++) flip(file, Math.floor(((chance * (i + 1)) % 1) * statSync(file).size))
    }
  ],
  ["cut", (file, chance) => truncateSync(file, Math.floor(chance * statSync(file).size))],
  ["emptied", (file) => truncateSync(file)],
  ["removed", (file) => rmSync(file)]
]

/** Damages the records of a copy, and starts the server on it. */
const damageRound = (command: string, ledger: Ledger.Ledger, dir: string, number: number) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const copy = yield* fs.makeTempDirectoryScoped({ prefix: "effect-cos-damaged-" })
    cpSync(dir, copy, { recursive: true })
    const [name, damage] = damages[number % damages.length] ?? ["nothing", () => undefined]
    damage(`${copy}/records/data.mdb`, yield* Random.next)
    const running = yield* start(command, "--dir", copy)
    const problems = yield* Effect.provide(Ledger.lookAtDamage(Ledger.copy(ledger)), client(running))
    yield* expectNone(`records with ${name} damaged`, problems)
    const isSaid = readdirSync(copy).some((entry) => entry.startsWith("damaged-"))
    if ((name === "emptied" || name === "removed") && !isSaid) return yield* new Failed(`${name} records are not said`)
    yield* kill(running)
    return isSaid
  })

// -------------------------------------------------------------------------------------
// all of them
// -------------------------------------------------------------------------------------

const fillIdle = (command: string, dir: string) =>
  Effect.gen(function* () {
    const running = yield* start(command, "--dir", dir)
    const body = Buffer.alloc(1024, "idle")
    yield* Effect.forEach(
      Array.from({ length: idleKeys }, (_, index) => `idle/${index}`),
      (key) => Cos.putObject({ key, body }),
      { concurrency: 16, discard: true }
    ).pipe(Effect.provide(client(running)))
  }).pipe(Effect.scoped)

main(
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const command = yield* install
    const dir = yield* fs.makeTempDirectoryScoped({ prefix: "effect-cos-kill-" })
    const small = yield* smallDisk
    const ledger = Ledger.make()
    const smallLedger = Ledger.make()
    const empty = yield* Effect.scoped(start(command, "--memory"))
    yield* fillIdle(command, dir)
    const times: Array<number> = []
    let [unfinished, full, damaged, said] = [0, 0, 0, 0]
    const inRound = (number: number) =>
      Effect.mapError(
        (error: unknown) => new Failed(`round ${number}: ${error instanceof Failed ? error.report : error}`)
      )
    for (let number = 1; number <= rounds; number++) {
      const kind = number % 10
      if (kind === 3 && Option.isSome(small)) {
        yield* Effect.scoped(fullRound(command, smallLedger, small.value)).pipe(inRound(number))
        full += 1
      } else if (kind === 7 && existsSync(`${dir}/records/data.mdb`)) {
        if (yield* Effect.scoped(damageRound(command, ledger, dir, damaged)).pipe(inRound(number))) said += 1
        damaged += 1
      } else {
        const { milliseconds } = yield* Effect.scoped(killRound(command, ledger, dir)).pipe(inRound(number))
        times.push(milliseconds)
        unfinished += Ledger.unfinished(ledger)
      }
      if (number % 20 === 0)
        console.log(`${number} rounds, ${ledger.acknowledged + smallLedger.acknowledged} acknowledged writes`)
    }
    yield* Effect.scoped(
      Effect.flatMap(start(command, "--dir", dir), (running) =>
        Effect.zip(Ledger.look(ledger, dir), Cos.headObject({ key: `idle/${idleKeys - 1}` })).pipe(
          Effect.flatMap(([problems]) => expectNone("at the end", problems)),
          Effect.provide(client(running))
        )
      )
    )
    const median = times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0
    const acknowledged = ledger.acknowledged + smallLedger.acknowledged
    console.log(
      `${times.length} kills, ${Option.isSome(small) ? full : "no (this user cannot mount a small disk)"} rounds of a full disk, ` +
        `${damaged} of damaged records (${said} recovered, the others had lost nothing): ${acknowledged} acknowledged writes byte-equal, ` +
        `${unfinished} unfinished ones absent or whole, no file left over; started in ${Math.round(median)} ms ` +
        `(slowest ${Math.round(times.at(-1) ?? 0)} ms) with ${idleKeys} keys, in ${Math.round(empty.milliseconds)} ms with none`
    )
  }).pipe(Effect.scoped)
)
