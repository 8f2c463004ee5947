import * as NodeContext from "@effect/platform-node/NodeContext"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as World from "../support/world.js"
import { check } from "./sync.js"

describe("a sync", () => {
  it.live(
    "deletes nothing that it has not seen to be gone, and stores what the source held, through a hundred random histories",
    () => check(20261128, 100).pipe(Effect.provide(Layer.merge(World.inProcess(), NodeContext.layer))),
    120_000
  )
})
