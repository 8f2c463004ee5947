/** A checkpoint that a controlled transfer was given is in use as long as the transfer is there, and no longer. */
import { expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { interruptAtEachStep } from "../../../test/support/interruptAt.js"
import type * as Checkpoint from "../src/Checkpoint.js"
import * as controlled from "../src/internal/transfer/controlled.js"
import { isUploadInUse } from "../src/internal/transfer/inUse.js"
import type { Restartable } from "../src/internal/transfer/restartable.js"

const checkpoint: Checkpoint.Upload = {
  kind: "upload",
  bucket: "examplebucket-1250000000",
  key: "a",
  partSize: 1,
  settings: "",
  uploadId: "one",
  source: { kind: "file", path: "/a", size: 1 },
  parts: []
} as unknown as Checkpoint.Upload

/** It does not need the checkpoint. */
const transfer: Restartable<void, never, never, Checkpoint.Upload> & { readonly isOneShot: false } = {
  key: "a",
  isOneShot: false,
  run: () => Effect.void,
  discard: () => Effect.void,
  reportLeft: () => Effect.void,
  resume: checkpoint,
  abortGrace: Duration.zero,
  onProgress: undefined,
  onCheckpoint: undefined
}

const options = { isKept: () => true }

it.effect("until it is interrupted as it begins", () =>
  interruptAtEachStep(Effect.scoped(controlled.make(transfer, { ...options, paused: true })), (step) =>
    Effect.sync(() => expect(isUploadInUse("one"), `at step ${step}`).toBe(false))
  )
)

it.effect("until its scope closes, if it has succeeded without it", () =>
  Effect.gen(function* () {
    yield* Effect.scoped(
      Effect.flatMap(controlled.make(transfer, options), (made) =>
        Effect.map(made.await, () => expect(isUploadInUse("one")).toBe(true))
      )
    )
    expect(isUploadInUse("one")).toBe(false)
  })
)
