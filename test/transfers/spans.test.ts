/** The spans of the files of a batch: what they are in, what is in them, and how they end. */
import * as NodeFs from "node:fs"
import * as FileSystem from "@effect/platform/FileSystem"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Path from "@effect/platform/Path"
import { expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Tracer from "effect/Tracer"
import * as Copy from "effect-cos/Copy"
import * as Cos from "effect-cos/Cos"
import type * as CosClient from "effect-cos/CosClient"
import * as Download from "effect-cos/Download"
import * as Upload from "effect-cos/Upload"
import * as NodeFiles from "effect-cos-node/NodeFiles"
import { interruptAtEachStep } from "../support/interruptAt.js"
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

const source = { bucket: World.bucket, region: World.region, key: "a" }

/** What dies is not retried, so that few steps are left to try. */
const transformClient = () =>
  HttpClient.makeWith<never, never, never, never>(() => Effect.die("no network"), Effect.succeed)

const calls: Readonly<
  Record<string, (path: string) => Effect.Effect<unknown, unknown, CosClient.CosClient | FileSystem.FileSystem>>
> = {
  "Cos.headObject": () => Cos.headObject({ key: "a" }),
  "Upload.bytes": () => Upload.bytes({ key: "b", bytes: new Uint8Array(7) }),
  "Upload.file": (path) => Upload.file({ key: "b", path }),
  "Download.file": (path) => Download.file({ key: "a", path: `${path}.down` }),
  "Copy.object": () => Copy.object({ key: "b", source })
}

for (const transport of [undefined, { hostHeader: true, contentLength: true, rawBody: true, abort: () => false }]) {
  const client = transport === undefined ? "any client" : "one that ends exchanges when it is told to"
  it.live.each(Object.keys(calls))(
    `wherever an interrupt comes, every span that was begun ends: %s, ${client}`,
    (name) =>
      Effect.gen(function* () {
        const directory = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
        const path = `${directory}/a`
        NodeFs.writeFileSync(path, "a")
        const noted: Array<Noted> = []
        const left: Array<string> = []
        const call = calls[name] as (typeof calls)[string]
        yield* interruptAtEachStep(Effect.withTracer(call(path), notingTracer(noted)), (step) =>
          Effect.sync(() => {
            for (const { exit, span } of noted) if (exit === undefined) left.push(`${span.name} at step ${step}`)
            noted.length = 0
          })
        )
        expect(left).toEqual([])
      }).pipe(
        Effect.scoped,
        Effect.provide(Path.layer),
        Effect.provide(NodeFiles.layer),
        Effect.provide(World.inProcess({ client: { transformClient }, ...(transport && { transport }) }))
      )
  )
}
