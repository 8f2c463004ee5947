/** The spans of the files of a batch: what they are in, what is in them, and how they end. */
import * as NodeFs from "node:fs"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import { expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Tracer from "effect/Tracer"
import * as Download from "effect-cos/Download"
import * as Upload from "effect-cos/Upload"
import * as NodeFiles from "effect-cos-node/NodeFiles"
import { recordingTracer } from "../support/recordingTracer.js"
import * as World from "../support/world.js"

interface Noted {
  readonly span: Tracer.Span
  readonly within: string | undefined
  exit: Exit.Exit<unknown, unknown> | undefined
}

const notingTracer = (noted: Array<Noted>): Tracer.Tracer =>
  recordingTracer(
    (part, span) => {
      const one = noted.find((one) => one.span === span)
      if (one !== undefined && Exit.isExit(part)) one.exit = part
    },
    (span) => {
      const outer = Option.getOrUndefined(span.parent)
      noted.push({ span, within: outer?._tag === "Span" ? outer.name : outer?._tag, exit: undefined })
    }
  )

const withDirectory = <A, E, R>(use: (directory: string) => Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    return yield* use(yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped())
  }).pipe(Effect.scoped, Effect.provide(Path.layer), Effect.provide(NodeFiles.layer), Effect.provide(World.inProcess()))

const filesIn = (directory: string) =>
  ["a", "b", "c"].map((key) => {
    NodeFs.writeFileSync(`${directory}/${key}`, key)
    return { key, path: `${directory}/${key}` }
  })

const named = (noted: ReadonlyArray<Noted>, name: string) => noted.filter(({ span }) => span.name === name)

it.effect("each file of a batch has a span in the batch's, with its requests in it, and what follows is outside", () =>
  withDirectory((directory) =>
    Effect.gen(function* () {
      const noted: Array<Noted> = []
      const files = filesIn(directory)
      const run = Effect.zipRight(
        Upload.files(files, { concurrency: 1 }),
        Download.files([...files, { key: "none", path: `${directory}/none` }], { concurrency: 1 })
      )
      yield* Effect.withTracer(run, notingTracer(noted))

      for (const [each, all, request, ends] of [
        ["Cos.Upload.file", "Cos.Upload.files", "Cos.putObject", ["Success", "Success", "Success"]],
        ["Cos.Download.file", "Cos.Download.files", "Cos.getObject", ["Success", "Success", "Success", "Failure"]]
      ] as const) {
        expect(named(noted, each).map(({ exit }) => exit?._tag)).toEqual(ends)
        expect(named(noted, each).map(({ within }) => within)).toEqual(ends.map(() => all))
        const parents = named(noted, request).map(({ span }) => Option.getOrUndefined(span.parent)?.spanId)
        expect(parents).toEqual(named(noted, each).map(({ span }) => span.spanId))
      }
      expect(named(noted, "Cos.Download.file").at(-1)?.exit).toMatchObject(
        Exit.fail(expect.objectContaining({ _tag: "NoSuchKey" }))
      )
    })
  )
)

it.effect("the span of a file that is interrupted ends with the interrupt", () =>
  withDirectory((directory) =>
    Effect.gen(function* () {
      const noted: Array<Noted> = []
      const files = filesIn(directory)
      yield* World.fault({ on: { operation: "putObject" }, do: { _tag: "Silence", when: "before" } })
      const fiber = yield* Effect.fork(Effect.withTracer(Upload.files(files, { concurrency: 1 }), notingTracer(noted)))
      yield* World.untilRequested("putObject")
      yield* Fiber.interrupt(fiber)
      const [{ exit } = { exit: undefined }] = named(noted, "Cos.Upload.file")
      expect(exit !== undefined && Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause)).toBe(true)
    })
  )
)
