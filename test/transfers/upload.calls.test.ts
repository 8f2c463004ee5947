/** What a small file costs the system: each call that goes to a thread of Node's costs as much as a tenth of a request. */
import NodeFs from "node:fs"
import { syncBuiltinESMExports } from "node:module"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type * as CosClient from "effect-cos/CosClient"
import * as Upload from "effect-cos/Upload"
import { content } from "../support/content.js"
import { interruptAtEachStep } from "../support/interruptAt.js"
import { turn } from "../support/turn.js"
import * as World from "../support/world.js"

const methods = ["open", "read", "close", "stat", "lstat", "fstat", "access", "realpath"] as const

/** Calls of `node:fs` that go to its threads, for files whose path ends in `name`. What `hold` names is answered later. */
const watchCalls = (name: string, hold?: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const originals = Object.fromEntries(methods.map((method) => [method, NodeFs[method]]))
      const calls: Array<string> = []
      const descriptors = new Set<unknown>()
      const held: Array<() => void> = []
      for (const method of methods) {
        const original = originals[method] as (...args: ReadonlyArray<unknown>) => void
        const watched = (first: unknown, ...others: ReadonlyArray<unknown>) => {
          if (!String(first).endsWith(name) && !descriptors.has(first)) return original(first, ...others)
          calls.push(method)
          if (method === "close") descriptors.delete(first)
          const answer = others.at(-1) as (...args: ReadonlyArray<unknown>) => void
          const answered = (...args: ReadonlyArray<unknown>) => {
            if (method === "open" && args[0] === null) descriptors.add(args[1])
            if (method === hold) held.push(() => answer(...args))
            else answer(...args)
          }
          original(first, ...others.slice(0, -1), answered)
        }
        Object.assign(NodeFs, { [method]: watched })
      }
      syncBuiltinESMExports()
      return { calls, descriptors, held, originals }
    }),
    ({ originals }) =>
      Effect.sync(() => {
        Object.assign(NodeFs, originals)
        syncBuiltinESMExports()
      })
  )

const until = (condition: () => boolean) => Effect.repeat(turn, { until: condition })

type Services = Layer.Layer.Success<ReturnType<typeof World.onPort>>

describe("Upload.file asks the system", () => {
  const upload = (directory: string) => Upload.file({ key: "a", path: `${directory}/x.bin` })
  const onMachine = <A, E>(
    size: number,
    use: (directory: string) => Effect.Effect<A, E, Services | Scope.Scope>,
    client?: CosClient.Settings
  ) =>
    Effect.gen(function* () {
      const directory = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
      NodeFs.writeFileSync(`${directory}/x.bin`, content(size))
      return yield* use(directory)
    }).pipe(Effect.scoped, Effect.provide(World.onPort(client && { client })))

  it.live("three times for a small file, of which it waits for two", () =>
    onMachine(5000, (directory) =>
      Effect.gen(function* () {
        const { calls, descriptors } = yield* watchCalls("x.bin", "close")
        yield* upload(directory)
        expect(calls).toEqual(["open", "read", "close"])
        expect(descriptors.size).toBe(0)
        yield* Upload.files([{ key: "b", path: `${directory}/x.bin` }])
        expect(calls.slice(3)).toEqual(["open", "read", "close"])
      }).pipe(Effect.provide(Path.layer))
    )
  )

  for (const method of ["open", "read"]) {
    it.live(`and answers an interrupt while it does not answer to ${method}, and closes the file afterwards`, () =>
      onMachine(5000, (directory) =>
        Effect.gen(function* () {
          const { calls, descriptors, held } = yield* watchCalls("x.bin", method)
          const fiber = yield* Effect.fork(upload(directory))
          yield* until(() => held.length > 0)
          const before = [...calls]
          yield* Fiber.interrupt(fiber)
          // The system may still be at work with it.
          yield* until(() => true)
          expect(calls).toEqual(before)
          for (const answer of held) answer()
          yield* until(() => descriptors.size === 0)
          expect(calls).toEqual([...before, "close"])
          expect(yield* World.asked).toEqual({})
        })
      )
    )
  }

  it.live("to close it, wherever an interrupt comes", () =>
    onMachine(5000, (directory) =>
      Effect.gen(function* () {
        const { descriptors } = yield* watchCalls("x.bin")
        yield* interruptAtEachStep(upload(directory), () => until(() => descriptors.size === 0))
        expect(Object.keys(yield* World.asked)).toEqual(["putObject"])
      })
    )
  )

  it.live("for a descriptor only when there is memory for the file", () =>
    onMachine(
      700_000,
      (directory) =>
        Effect.gen(function* () {
          const silence = yield* World.fault({
            on: { operation: "putObject" },
            do: { _tag: "Silence", when: "before" }
          })
          const { calls, descriptors } = yield* watchCalls("x.bin")
          const first = yield* Effect.fork(upload(directory))
          yield* until(() => calls.length === 5)
          yield* Effect.repeat(Effect.zipRight(turn, silence.fired), { until: (times) => times > 0 })
          const second = yield* Effect.fork(upload(directory))
          yield* until(() => calls.length === 7)
          expect(calls).toEqual(["open", "close", "open", "read", "close", "open", "close"])
          expect(descriptors.size).toBe(0)
          yield* Fiber.interruptAll([first, second])
        }),
      { memoryBudget: 1024 * 1024 }
    )
  )
})
