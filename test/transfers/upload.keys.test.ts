/** Keys that end while an upload is under way. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import * as CosError from "effect-cos/CosError"
import * as Credentials from "effect-cos/Credentials"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as Upload from "effect-cos/Upload"
import { Emulator } from "effect-cos-emulator/Emulator"
import { drive } from "../support/clock.js"
import { content, MiB } from "../support/content.js"
import * as World from "../support/world.js"

const data = content(6 * MiB)

/** A provider that gives new keys each time it is asked, as often as it has any; each is good for one hour. */
const provider = (times: number) => {
  const given: Array<string> = []
  const layer = Layer.unwrapEffect(
    Effect.map(Emulator, (emulator) =>
      Credentials.layerProvider(
        Effect.gen(function* () {
          const secretId = `AKID${given.length}`
          given.push(secretId)
          if (given.length > times) {
            return yield* new CosError.CredentialsError({ provider: "test", message: "no more", transient: false })
          }
          const keys = { secretId, secretKey: Redacted.make("key"), token: Redacted.make("token") }
          yield* emulator.addCredentials({
            ...keys,
            expiresAt: new Date((yield* emulator.clock.now).getTime() + 3_600_000)
          })
          return Credentials.keys(keys)
        }),
        { name: "test" }
      )
    )
  )
  return { given, layer }
}

const world = (credentials: Layer.Layer<Credentials.Credentials, never, Emulator>) =>
  Effect.provide(World.inProcess({ credentials, client: { retry: RetryPolicy.make({ base: 0 }) } }))

/** The keys end when three parts have been acknowledged. */
const upload = Effect.flatMap(Emulator, (emulator) =>
  Upload.bytes(
    { key: "a", bytes: data },
    {
      partSize: MiB,
      threshold: 0,
      concurrency: 3,
      onCheckpoint: ({ parts }) => (parts.length === 3 ? emulator.clock.adjust("2 hours") : Effect.void)
    }
  )
)

describe("keys that expire midway", () => {
  it.effect("are asked for once more, whoever needs them; what was acknowledged stays", () => {
    const { given, layer } = provider(2)
    return Effect.gen(function* () {
      const result = yield* drive(upload)
      expect(result.parts).toBe(6)
      expect(given).toEqual(["AKID0", "AKID1"])
      const stored = (yield* World.requests("uploadPart")).filter(({ status }) => status === 200)
      expect(stored.map(({ partNumber }) => partNumber).sort()).toEqual([1, 2, 3, 4, 5, 6])
      yield* World.expectStored("a", data)
      expect(yield* World.openUploads).toEqual([])
    }).pipe(world(layer))
  })

  it.effect("and cannot be had again, end it by their name; what is left is said", () => {
    const { layer } = provider(1)
    const warnings: Array<unknown> = []
    const logger = Logger.make(({ logLevel, message }) => {
      if (LogLevel.greaterThanEqual(logLevel, LogLevel.Warning)) warnings.push(message)
    })
    return Effect.gen(function* () {
      const error = yield* Effect.flip(drive(upload))
      expect(error).toMatchObject({ _tag: "CredentialsError", provider: "test" })
      const [uploadId] = yield* World.openUploads
      expect(JSON.stringify(warnings)).toContain(uploadId)
      yield* World.expectStored("a", undefined)
    }).pipe(world(layer), Effect.provide(Logger.replace(Logger.defaultLogger, logger)))
  })
})
