/**
 * Every operation of the SDK against the emulator, in process and on a port: what was written is what is read.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Cos from "effect-cos/Cos"
import type * as Operation from "effect-cos/Operation"
import * as World from "../support/world.js"
import { configurations, logs } from "./configurations.js"
import { buckets } from "./roundtrip/buckets.js"
import { objects } from "./roundtrip/objects.js"
import { requests } from "./roundtrip/requests.js"
import { type Services, tagOf } from "./roundtrip/scenario.js"

const emulator = { buckets: [World.bucket, logs], minPartSize: 1 }

/** The operations that the emulator carried out so far, by connection. */
const carriedOut = { "in process": new Set<string>(), "on a port": new Set<string>() }

type Connection = keyof typeof carriedOut

const run = <E, E2>(
  connection: Connection,
  body: Effect.Effect<void, E, Services>,
  world: Layer.Layer<Services, E2>
): Effect.Effect<void, E | E2> =>
  Effect.ensuring(
    body,
    Effect.map(World.requests(), (entries) => {
      for (const { operation } of entries) carriedOut[connection].add(operation ?? "?")
    })
  ).pipe(Effect.provide(world))

const connections: ReadonlyArray<{
  readonly connection: Connection
  readonly test: <E>(name: string, body: Effect.Effect<void, E, Services>) => void
}> = [
  {
    connection: "in process",
    test: (name, body) => it.effect(name, () => run("in process", body, World.inProcess({ emulator })))
  },
  {
    connection: "on a port",
    test: (name, body) =>
      it.live(name, () => run("on a port", body, Layer.merge(World.onPort({ emulator }), FetchHttpClient.layer)))
  }
]

describe.each(connections)("$connection", ({ test }) => {
  for (const [name, body] of [...buckets, ...objects, ...requests]) test(name, body)

  for (const { before, get, name, none, put, remove, value } of configurations) {
    test(
      `${name}: what is put is read`,
      Effect.gen(function* () {
        yield* before ?? Effect.void
        const nothing = Effect.gen(function* () {
          if (typeof none === "string") expect(yield* tagOf(get)).toBe(none)
          else expect(yield* get).toEqual(none)
        })
        yield* nothing
        yield* put
        expect(yield* get).toEqual(value)
        yield* put
        expect(yield* get).toEqual(value)
        if (remove === undefined) return
        yield* remove
        yield* nothing
        yield* remove
      })
    )
  }
})

/** Those that the emulator knows under another's name. */
const others: Readonly<Record<string, string>> = { processObject: "getObject", docPreview: "ciProcess" }

it.each(Object.entries(carriedOut))("%s: every operation was carried out", (_, done) => {
  const operations = Object.values(Cos).flatMap((value) =>
    (typeof value === "function" || typeof value === "object") && "spec" in value
      ? [(value as Operation.Has<never, unknown, unknown>).spec.name]
      : []
  )
  expect(operations.length).toBeGreaterThanOrEqual(90)
  expect(operations.filter((name) => !done.has(others[name] ?? name))).toEqual([])
})
