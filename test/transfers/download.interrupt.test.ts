import NodeFs from "node:fs"
import * as FileSystem from "@effect/platform/FileSystem"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Cos from "effect-cos/Cos"
import * as Download from "effect-cos/Download"
import { content } from "../support/content.js"
import { interruptAtEachStep } from "../support/interruptAt.js"
import * as World from "../support/world.js"

const small = content(5000)

it.live("wherever an interrupt comes, a download leaves the whole file or none, and no temporary one", () =>
  Effect.gen(function* () {
    const directory = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
    yield* Cos.putObject({ key: "a", body: small })
    const path = `${directory}/x.bin`
    let whole = 0
    yield* interruptAtEachStep(Download.file({ key: "a", path }), () =>
      Effect.sync(() => {
        const names = NodeFs.readdirSync(directory)
        if (names.length === 0) return
        expect(names).toEqual(["x.bin"])
        expect(new Uint8Array(NodeFs.readFileSync(path))).toEqual(small)
        NodeFs.rmSync(path)
        whole += 1
      })
    )
    expect(whole).toBeGreaterThan(0)
  }).pipe(Effect.scoped, Effect.provide(World.onPort()))
)
