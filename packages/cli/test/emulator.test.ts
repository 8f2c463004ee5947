import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Lines from "../src/contract/lines.js"
import * as Cos from "./support/cos.js"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "cos-emulator-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

/** The built command, once it has printed its line. */
const started = (args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const { child, ended, written } = yield* Cos.startWith({}, ["emulator", "--json", ...args])
    yield* Effect.repeat(Effect.sync(written), {
      until: ({ stderr, stdout }) => stderr !== "" || stdout.endsWith("\n"),
      schedule: Schedule.spaced("20 millis")
    })
    const { stderr, stdout } = written()
    expect(stderr).toBe("")
    const line = Schema.decodeUnknownSync(Lines.Line)(JSON.parse(stdout))
    return {
      line,
      interrupted: Effect.zipRight(
        Effect.sync(() => child.kill("SIGINT")),
        ended
      )
    }
  })

describe("cos emulator", () => {
  it.scopedLive(
    "starts, keeps what is stored in a directory, and ends by Ctrl-C",
    () =>
      Effect.gen(function* () {
        const dir = yield* folder
        const first = yield* started(["--dir", dir, "--bucket", "photos-1250000001", "--region", "ap-beijing"])
        if (first.line.type !== "emulator") return yield* Effect.die("no line")
        expect(first.line).toMatchObject({ bucket: "photos-1250000001", region: "ap-beijing" })
        expect(first.line.variables).toMatchObject({
          COS_ENDPOINT: first.line.endpoint,
          COS_BUCKET: "photos-1250000001"
        })
        const put = yield* Cos.runWith(first.line.variables, ["api", "putObject", "--key", "a.txt"], { stdin: "hello" })
        expect(put).toMatchObject({ code: 0, stderr: "" })
        expect((yield* first.interrupted).code).toBe(130)
        expect(readdirSync(dir).length).toBeGreaterThan(0)
        const second = yield* started(["--dir", dir])
        if (second.line.type !== "emulator") return yield* Effect.die("no line")
        const variables = { ...second.line.variables, COS_BUCKET: "photos-1250000001", COS_REGION: "ap-beijing" }
        const got = yield* Cos.runWith(variables, ["api", "getObject", "cos:///a.txt"])
        expect(got).toMatchObject({ code: 0, stdout: "hello" })
        yield* second.interrupted
        const ports = ["--host", "127.0.0.1", "--port", "0", "--control-port", "0"]
        const third = yield* started([...ports, "--print-env"])
        expect(third.line).toMatchObject({ type: "emulator", controlEndpoint: expect.stringContaining("127.0.0.1") })
        yield* third.interrupted
        const wrong = yield* Cos.runWith({}, ["emulator", "--port", "70000"])
        expect(wrong.code).toBe(2)
        const missing = yield* Cos.runWith({}, ["emulator", "--seed", "/nonexistent"])
        expect(missing).toMatchObject({ code: 1, stdout: "" })
      }),
    Cos.patience(60_000)
  )
})
