/** What is recorded: lines of a shell, and the world in which they run. */
import { createHash } from "node:crypto"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import type { Line } from "./terminal.js"

export const bucket = "photos-1250000000"

export interface Scene {
  /** Of the image, and what it shows. */
  readonly name: string
  readonly title: string
  readonly columns: number
  readonly lines: ReadonlyArray<Line>
  /** Whether all that the screen showed is drawn, one after the other, instead of the last only. */
  readonly isMoving?: boolean | undefined
  /** Makes the files of the working directory and the objects. */
  readonly prepare: (cwd: string) => Effect.Effect<void, unknown, Emulator | FileSystem.FileSystem>
}

/** Bytes that are the same at every run, and not all alike. */
const bytesOf = (name: string, size: number): Uint8Array => {
  const block = createHash("sha512").update(name).digest()
  return Uint8Array.from({ length: size }, (_, index) => (block[index % block.length] ?? 0) ^ ((index >> 6) & 255))
}

type Files = Readonly<Record<string, number>>

/** Puts objects in a new bucket, a minute apart on the emulator's clock, which then goes on with the time of day. */
const objects = (files: Files, from: string) =>
  Effect.gen(function* () {
    const { clock, createBucket, seed } = yield* Emulator
    const begin = new Date(from).getTime()
    yield* clock.set(new Date(begin))
    yield* createBucket(bucket)
    yield* Effect.forEach(Object.entries(files), ([key, size], index) => {
      const bytes = bytesOf(key, size)
      return Effect.zipRight(clock.set(new Date(begin + index * 60_000)), seed(bucket, key, bytes))
    })
    yield* clock.set(new Date())
  })

/** Writes files, all of them changed at this time. */
const localFiles = (cwd: string, files: Files, at: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    yield* Effect.forEach(Object.entries(files), ([name, size]) =>
      Effect.gen(function* () {
        const path = `${cwd}/${name}`
        yield* fs.makeDirectory(path.slice(0, path.lastIndexOf("/")), { recursive: true })
        yield* fs.writeFile(path, bytesOf(name, size))
        yield* fs.utimes(path, new Date(at), new Date(at))
      })
    )
  })

const KiB = 1024
const MiB = 1024 * KiB

const summer: Files = {
  "2026/07/harbour.jpg": 3 * MiB + 402 * KiB,
  "2026/07/lighthouse.jpg": 2 * MiB + 871 * KiB,
  "2026/08/night-train.mp4": 12 * MiB + 96 * KiB,
  "2026/08/rain.jpg": 1 * MiB + 640 * KiB,
  "README.txt": 812
}

const holiday: Files = {
  "summer/harbour.jpg": 3 * MiB + 402 * KiB,
  "summer/lighthouse.jpg": 2 * MiB + 871 * KiB,
  "summer/night-train.mp4": 96 * MiB,
  "summer/rain.jpg": 1 * MiB + 640 * KiB,
  "summer/README.txt": 812
}

/** What is in the bucket, and what is to be there: two are another size, one is new, two are gone. */
const site: Files = {
  "site/assets/app-41c0.js": 188 * KiB,
  "site/assets/logo.svg": 4 * KiB,
  "site/assets/style.css": 21 * KiB,
  "site/drafts/notes.html": 3 * KiB,
  "site/index.html": 7 * KiB
}

const publicFiles: Files = {
  "public/assets/app-77fe.js": 190 * KiB,
  "public/assets/logo.svg": 4 * KiB,
  "public/assets/style.css": 22 * KiB,
  "public/index.html": 8 * KiB
}

export const scenes: ReadonlyArray<Scene> = [
  {
    name: "ls",
    title: "cos ls: the buckets, one level of a bucket, and everything below a prefix",
    columns: 100,
    lines: [{ line: "cos ls" }, { line: "cos ls cos:///" }, { line: "cos ls -r cos:///2026/07/" }],
    prepare: () => objects(summer, "2026-08-30T09:14:07Z")
  },
  {
    name: "cp",
    isMoving: true,
    title: "cos cp of a directory is killed; the same line again goes on at the parts that are there",
    columns: 100,
    lines: [{ line: "cos cp summer cos:///2026/", killAt: /[3-9]\d%/ }, { line: "cos cp summer cos:///2026/" }],
    prepare: (cwd) =>
      Effect.gen(function* () {
        const { fault } = yield* Emulator
        yield* objects({}, "2026-08-30T09:14:07Z")
        yield* localFiles(cwd, holiday, "2026-08-29T18:00:00Z")
        yield* fault({ on: { operation: "uploadPart", times: "all" }, do: Fault.delay("600 millis") })
      })
  },
  {
    name: "sync",
    title: "cos sync --dry-run says what would be uploaded and deleted; the plan is written into a file, and applied",
    columns: 100,
    lines: [
      { line: "cos sync public cos:///site/ --delete --dry-run" },
      { line: "cos sync public cos:///site/ --delete --plan site.plan" },
      { line: "cos apply site.plan" }
    ],
    prepare: (cwd) =>
      Effect.gen(function* () {
        yield* objects(site, "2026-08-30T09:14:07Z")
        yield* localFiles(cwd, publicFiles, "2026-08-29T18:00:00Z")
      })
  },
  {
    name: "doctor",
    title: "cos doctor finds a blank in the secret, and that a page's requests are not allowed",
    columns: 112,
    lines: [
      { line: 'COS_SECRET_KEY="$COS_SECRET_KEY " cos doctor' },
      { line: "cos doctor --origin https://app.example.com" }
    ],
    prepare: () => objects(summer, "2026-08-30T09:14:07Z")
  }
]
