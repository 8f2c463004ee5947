/** What becomes of output that is read late, not at all, or cannot be written. */
import { closeSync, openSync } from "node:fs"
import { Readable, Writable } from "node:stream"
import { describe, expect, it, layer, vi } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { Emulator } from "effect-cos-emulator"
import { evaluate } from "../src/program.js"
import * as Cos from "./support/cos.js"

/** A stream that takes nothing until it is told to. */
const held = () => {
  const waiting: Array<() => void> = []
  let [isHeld, text] = [true, ""]
  const stream = new Writable({
    write: (chunk, _, done) => {
      text += chunk
      if (isHeld) waiting.push(done)
      else done()
    }
  })
  const release = () => {
    isHeld = false
    for (const done of waiting.splice(0)) done()
  }
  return {
    stream: stream as unknown as NodeJS.WriteStream,
    release,
    isAsked: () => waiting.length > 0,
    text: () => text
  }
}

const free = () => {
  const stream = held()
  stream.release()
  return stream
}

const stdin = Readable.from([]) as unknown as NodeJS.ReadStream

const turn = Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))

describe("output", () => {
  it.effect("what went wrong is written before the process ends, however late it is read", () =>
    Effect.gen(function* () {
      const [stdout, stderr] = [free(), held()]
      const run = yield* Effect.fork(evaluate(["frobnicate"], { stdin, stdout: stdout.stream, stderr: stderr.stream }))
      yield* Effect.repeat(turn, { until: stderr.isAsked })
      yield* Effect.repeatN(turn, 10)
      expect(yield* Fiber.poll(run)).toMatchObject({ _tag: "None" })
      stderr.release()
      expect(yield* Fiber.join(run)).toBe(2)
      expect(stderr.text()).toContain("unknown command")
    })
  )

  it.effect("an interrupt ends a command whose output nobody takes", () =>
    Effect.gen(function* () {
      const [stdout, stderr] = [held(), free()]
      const signal = yield* Deferred.make<void>()
      const streams = { stdin, stdout: stdout.stream, stderr: stderr.stream }
      const run = yield* Effect.fork(evaluate(["help"], streams, signal))
      yield* Effect.repeat(turn, { until: stdout.isAsked })
      yield* Deferred.succeed(signal, undefined)
      yield* Effect.repeatN(turn, 10)
      yield* TestClock.adjust("1 second")
      yield* Effect.repeatN(turn, 10)
      expect(yield* Fiber.poll(run)).toMatchObject({ value: { value: 130 } })
    })
  )

  layer(Cos.layer(), { excludeTestServices: true })((it) => {
    it.effect("keys tell a terminal nothing, with colours or without", () =>
      Effect.gen(function* () {
        const { env } = yield* Cos.Cos
        const { seed } = yield* Emulator.Emulator
        yield* seed(Cos.bucket, "key\u202egpj", "")
        for (const noColor of ["", "1"]) {
          vi.stubEnv("NO_COLOR", noColor)
          const [stdout, stderr] = [free(), free()]
          const terminal = Object.assign(stdout.stream, { isTTY: true })
          yield* evaluate(["find", "cos:///key"], { stdin, stdout: terminal, stderr: stderr.stream }).pipe(
            Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(env))))
          )
          expect(stdout.text()).toBe("cos:///key\\u202egpj\n")
        }
        vi.unstubAllEnvs()
      })
    )

    it.effect("that cannot be written is a failure of every command, however little it is", () =>
      Effect.gen(function* () {
        const { built } = yield* Cos.Cos
        const { seed } = yield* Emulator.Emulator
        yield* seed(Cos.bucket, "a.txt", "hello")
        const full = openSync("/dev/full", "w")
        for (const words of [
          "ls cos:///",
          "acl get cos:///",
          "put --json --quiet cos:///in.txt",
          "help",
          "--version"
        ]) {
          const { code, stderr } = yield* built(words, { stdout: full, stdin: "hello" })
          expect({ words, code, stderr }).toEqual({
            words,
            code: 1,
            stderr: expect.stringMatching(/^(cos.*: standard output cannot be written: ENOSPC\.|\{.*ENOSPC.*\})\n$/)
          })
        }
        closeSync(full)
      })
    )
  })
})
