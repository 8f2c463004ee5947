/** What V8 compiled is kept for the next run of the same command. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Cos from "./support/cos.js"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "cos-compiled-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

const cacheIn = (cache: string | undefined) => ({ XDG_CACHE_HOME: cache, NODE_COMPILE_CACHE: undefined })

const kept = (cache: string) => {
  const compiled = join(cache, "cos", "compiled")
  const [file = "", ...others] = readdirSync(compiled)
  expect(others).toEqual([])
  return join(compiled, file)
}

describe("the compiled program", () => {
  it.scopedLive("is kept for its user alone, and made anew when it was damaged", () =>
    Effect.gen(function* () {
      const cache = yield* folder
      const help = Cos.runWith({}, ["help"], { env: cacheIn(cache) })
      const first = yield* help
      expect(first).toMatchObject({ code: 0, stderr: "" })
      const file = kept(cache)
      const { ino, mode } = statSync(file)
      expect([mode & 0o777, statSync(join(cache, "cos", "compiled")).mode & 0o777]).toEqual([0o600, 0o700])
      expect(yield* help).toEqual(first)
      // Nothing was written that was there.
      expect(statSync(file).ino).toBe(ino)
      const whole = readFileSync(file)
      writeFileSync(file, Buffer.from(whole).fill(0x5a, whole.length >> 1, (whole.length >> 1) + 400))
      writeFileSync(join(cache, "cos", "compiled", "program-OFBEFORE.js-v20.0.0-x64-help"), "")
      expect(yield* help).toEqual(first)
      expect(statSync(kept(cache)).size).toBeGreaterThan(whole.length / 2)
      expect(readFileSync(kept(cache)).includes(Buffer.alloc(400, 0x5a))).toBe(false)
    })
  )

  it.scopedLive("is not kept where that is not wanted or not possible, nor of a run that failed", () =>
    Effect.gen(function* () {
      const cache = yield* folder
      const [disabled, unknown, readOnly, homeless] = yield* Effect.all(
        [
          Cos.runWith({}, ["help"], { env: { ...cacheIn(cache), NODE_DISABLE_COMPILE_CACHE: "1" } }),
          Cos.runWith({}, ["nonsense"], { env: cacheIn(cache) }),
          Cos.runWith({}, ["help"], { env: cacheIn("/dev/null") }),
          Cos.runWith({}, ["help"], { env: { ...cacheIn(undefined), HOME: join(cache, "nonexistent") } })
        ],
        { concurrency: "unbounded" }
      )
      expect([disabled.code, unknown.code, readOnly.code, homeless.code]).toEqual([0, 2, 0, 0])
      expect([disabled.stderr, readOnly.stderr, homeless.stderr]).toEqual(["", "", ""])
      expect(readdirSync(cache)).toEqual([])
    })
  )

  layer(Cos.layer(), { excludeTestServices: true })((it) => {
    it.scoped("is the same after a command that sets flags of V8", () =>
      Effect.gen(function* () {
        const { built } = yield* Cos.Cos
        const cache = yield* folder
        const put = built(["cp", "--quiet", import.meta.filename, "cos:///a"], {
          env: { ...cacheIn(cache), COS_STATE_DIR: cache }
        })
        expect(yield* put).toMatchObject({ code: 0, stderr: "" })
        const { ino } = statSync(kept(cache))
        expect(yield* put).toMatchObject({ code: 0, stderr: "" })
        expect(statSync(kept(cache)).ino).toBe(ino)
      })
    )
  })
})
