/** Keys that expire midway. */
import { expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Cos from "effect-cos/Cos"
import * as CosError from "effect-cos/CosError"
import * as Credentials from "effect-cos/Credentials"
import * as Upload from "effect-cos/Upload"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { content, MiB } from "../../support/content.js"
import * as World from "../../support/world.js"
import { type InProcessRow, onPart, success } from "../row.js"
import { abort, aborted, initiate, options, upload } from "./upload.js"

const noMore = new CosError.CredentialsError({ provider: "test", message: "no more", transient: false })

/** Keys for ten minutes, as often as there are any. */
const temporary = (
  times: number,
  then: Effect.Effect<never, CosError.CredentialsError> = noMore
): Layer.Layer<Credentials.Credentials, never, Emulator> => {
  let given = 0
  return Layer.unwrapEffect(
    Effect.map(Emulator, (emulator) =>
      Credentials.layerProvider(
        Effect.gen(function* () {
          given += 1
          if (given > times) return yield* then
          const keys = { secretId: `AKID${given}`, secretKey: Redacted.make("key"), token: Redacted.make("token") }
          const expiresAt = new Date((yield* emulator.clock.now).getTime() + 600_000)
          yield* emulator.addCredentials({ ...keys, expiresAt })
          return Credentials.accessKey(keys)
        }),
        { name: "test" }
      )
    )
  )
}

/** Their end, once three parts have been acknowledged. */
const expiring = (more: Upload.ResumableUploadOptions = {}) =>
  Effect.flatMap(Emulator, ({ clock }) =>
    Upload.bytes(
      { key: "a", bytes: six },
      {
        ...options,
        onCheckpoint: ({ parts }) => Effect.when(clock.adjust("11 minutes"), () => parts.length === 3),
        ...more
      }
    )
  )
const six = content(6 * MiB)

export const credentials: ReadonlyArray<InProcessRow> = [
  {
    where: "service",
    fault: "a temporary key ends midway, while three parts are sent at once",
    world: { credentials: temporary(2) },
    client: expiring({ concurrency: 3 }),
    expect: success({ parts: 6 }),
    also: Effect.map(World.requests("uploadPart"), (entries) => {
      const sent = entries.filter(({ status }) => status === 200)
      expect(sent.map(({ partNumber }) => partNumber).sort()).toEqual([1, 2, 3, 4, 5, 6])
      // Asked for once more, whoever needs them.
      expect(new Set(sent.map(({ secretId }) => secretId))).toEqual(new Set(["AKID1", "AKID2"]))
    }),
    left: { objects: { a: six } }
  },
  {
    where: "service",
    fault: "a temporary key ends midway, and there is no other",
    world: { credentials: temporary(1) },
    client: expiring(),
    expect: { _tag: "CredentialsError", provider: "test" },
    asked: { [initiate]: 1, uploadPart: 4, [abort]: 1 },
    left: { uploads: ["a"], warned: ["id"] }
  },
  {
    where: "service",
    fault: "a key is refused to a part, and there is no other, but abort still takes it",
    world: { credentials: temporary(1) },
    faults: [onPart(2, Fault.expiredCredentials)],
    client: upload(),
    expect: { _tag: "CredentialsError", provider: "test" },
    asked: { ...aborted, uploadPart: 2 },
    left: {}
  },
  {
    where: "input",
    fault: "a provider of access keys never answers, and cannot be interrupted",
    world: { credentials: Credentials.layerProvider(Effect.uninterruptible(Effect.never)) },
    client: Cos.putObject({ key: "a", body: "a" }),
    expect: { _tag: "CredentialsError", transient: true },
    took: 5 * 10_000,
    asked: {},
    left: {}
  },
  {
    where: "input",
    fault: "a provider of access keys gives undefined",
    world: { credentials: Credentials.layerProvider(Effect.succeed(undefined as never)) },
    client: Cos.putObject({ key: "a", body: "a" }),
    expect: { _tag: "CredentialsError", transient: false },
    took: 0,
    asked: {},
    left: {}
  },
  {
    where: "input",
    fault: "a provider of access keys dies when a part needs a new key, but abort still takes the last",
    world: { credentials: temporary(1, Effect.die(new Error("no more"))) },
    faults: [onPart(2, Fault.expiredCredentials)],
    client: upload(),
    expect: { _tag: "CredentialsError", provider: "test", transient: false },
    asked: { ...aborted, uploadPart: 2 },
    left: {}
  }
]
