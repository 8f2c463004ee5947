/** What a download does to what is at its path, on the disk of the machine. */
import { execFileSync } from "node:child_process"
import * as NodeFs from "node:fs"
import * as Net from "node:net"
import * as Os from "node:os"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { describe, expect, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Checkpoint from "effect-cos/Checkpoint"
import * as Cos from "effect-cos/Cos"
import { CosFileSystem } from "effect-cos/CosFileSystem"
import * as Download from "effect-cos/Download"
import * as NodeFiles from "effect-cos-node/NodeFiles"
import { content, firstDifference } from "../support/content.js"
import * as World from "../support/world.js"

const data = content(200_000)
const old = content(1000, 9)

class Directory extends Context.Tag("test/Directory")<Directory, string>() {}

const directory = Layer.scoped(
  Directory,
  Effect.acquireRelease(
    Effect.sync(() => NodeFs.realpathSync(NodeFs.mkdtempSync(`${Os.tmpdir()}/download-`))),
    (path) => Effect.sync(() => NodeFs.rmSync(path, { recursive: true, force: true }))
  )
)

const world = Layer.merge(World.inProcess(), directory)

interface Way {
  readonly title: string
  readonly files: Layer.Layer<FileSystem.FileSystem>
  readonly partSize: number
}

const ways: ReadonlyArray<Way> = [
  { title: "by ranges", files: NodeFileSystem.layer, partSize: 64 * 1024 },
  { title: "in one request", files: NodeFiles.layer, partSize: 1024 * 1024 }
]

class PartSize extends Context.Reference<PartSize>()("test/PartSize", { defaultValue: () => 64 * 1024 }) {}

/** With an object, and a directory of its own: both ways in which a download writes a file. */
const test = <E>(
  name: string,
  body: (directory: string) => Effect.Effect<void, E, Layer.Layer.Success<typeof world> | FileSystem.FileSystem>
) => {
  for (const { files, partSize, title } of ways) {
    it.effect(`${name} (${title})`, () =>
      Effect.gen(function* () {
        yield* Cos.putObject({ key: "a", body: data })
        yield* body(yield* Directory)
      }).pipe(Effect.provideService(PartSize, partSize), Effect.provide(files), Effect.provide(world))
    )
  }
}

const download = (path: string, options: Download.DownloadFileOptions = {}) =>
  Effect.flatMap(PartSize, (partSize) => Download.file({ key: "a", path }, { partSize, ...options }))

const expectBytes = (path: string, bytes: Uint8Array) =>
  expect(firstDifference(NodeFs.readFileSync(path), bytes)).toBeUndefined()

describe("names", () => {
  const names = [
    ["238 bytes", "a".repeat(238)],
    ["239 bytes", "a".repeat(239)],
    ["255 bytes", "a".repeat(255)],
    ["255 bytes of 3 each", "好".repeat(85)],
    ["255 bytes with an extension", `${"a".repeat(251)}.bin`],
    ["one that begins with a dot", ".a"],
    ["a backslash", "a\\b"]
  ] as const
  for (const [title, name] of names) {
    test(`that the file system can hold: ${title}`, (directory) =>
      Effect.gen(function* () {
        yield* download(`${directory}/${name}`)
        expectBytes(`${directory}/${name}`, data)
        expect(NodeFs.readdirSync(directory)).toEqual([name])
      }))
  }

  it("of temporary files are known as such, and others are not", () => {
    expect(Download.isTemporaryName(`.effect-cos-${"0123456789abcdef".repeat(2).slice(0, 26)}.part`)).toBe(true)
    for (const name of ["a.part", ".effect-cos-.part", ".effect-cos-0123.part", "x.effect-cos-0123.part", ""]) {
      expect(Download.isTemporaryName(name)).toBe(false)
    }
  })
})

describe("what is not a file is refused, before anything is asked for, and stays", () => {
  const refused = (path: string) =>
    Effect.gen(function* () {
      const before = NodeFs.lstatSync(path)
      expect(yield* Effect.flip(download(path))).toMatchObject({ _tag: "InvalidInput", field: "path" })
      const now = NodeFs.lstatSync(path)
      expect({ mode: now.mode, ino: now.ino }).toEqual({ mode: before.mode, ino: before.ino })
      expect(yield* World.requests("headObject")).toEqual([])
    })

  test("a directory", (directory) => {
    NodeFs.mkdirSync(`${directory}/d`)
    return refused(`${directory}/d`)
  })
  test("a pipe", (directory) => {
    execFileSync("mkfifo", [`${directory}/pipe`])
    return refused(`${directory}/pipe`)
  })
  test("a socket", (directory) =>
    Effect.acquireUseRelease(
      Effect.async<Net.Server>((resume) => {
        const server = Net.createServer().listen(`${directory}/socket`, () => resume(Effect.succeed(server)))
      }),
      () => refused(`${directory}/socket`),
      (server) => Effect.async<void>((resume) => void server.close(() => resume(Effect.void)))
    ))
  test("a link to a device", (directory) => {
    NodeFs.symlinkSync("/dev/null", `${directory}/null`)
    return refused(`${directory}/null`)
  })
  test("a circle of links", (directory) => {
    NodeFs.symlinkSync("b", `${directory}/a`)
    NodeFs.symlinkSync("a", `${directory}/b`)
    return refused(`${directory}/a`)
  })
})

describe("what takes the target's place while the object is fetched", () => {
  /** Acts once the temporary file is there, and so after the first look at the target. */
  const downloadWhile = (path: string, act: () => void, options: Download.DownloadFileOptions = {}) =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const steps = yield* CosFileSystem
      let acted = false
      const acting = <A, E, R>(self: Effect.Effect<A, E, R>) =>
        Effect.suspend(() => {
          if (!acted) act()
          acted = true
          return self
        })
      const open: FileSystem.FileSystem["open"] = (opened, how) => acting(fs.open(opened, how))
      return yield* download(path, options).pipe(
        Effect.provideService(FileSystem.FileSystem, steps === undefined ? { ...fs, open } : fs),
        Effect.provideService(
          CosFileSystem,
          steps && { ...steps, create: (path, mode) => acting(steps.create(path, mode)) }
        )
      )
    })

  const changes: ReadonlyArray<readonly [string, (path: string, directory: string) => void]> = [
    ["a pipe", (path) => execFileSync("mkfifo", [path])],
    ["a directory", (path) => NodeFs.mkdirSync(path)],
    ["a link to another file", (path, directory) => NodeFs.symlinkSync(`${directory}/other`, path)],
    ["a link to nothing", (path, directory) => NodeFs.symlinkSync(`${directory}/nothing`, path)]
  ]
  for (const [what, make] of changes) {
    for (const symlinks of ["follow", "refuse"] as const) {
      test(`is respected: ${what}, with ${symlinks}`, (directory) =>
        Effect.gen(function* () {
          const path = `${directory}/file`
          NodeFs.writeFileSync(`${directory}/other`, old)
          const act = () => make(path, directory)
          const error = yield* Effect.flip(downloadWhile(path, act, { symlinks }))
          expect(error).toMatchObject({ _tag: "InvalidInput", field: "path" })
          expect(NodeFs.lstatSync(path).isFile()).toBe(false)
          expectBytes(`${directory}/other`, old)
          expect(NodeFs.readdirSync(directory).sort()).toEqual(["file", "other"])
        }))
    }
  }

  test("gives the new file its mode: another file", (directory) =>
    Effect.gen(function* () {
      const path = `${directory}/file`
      yield* downloadWhile(path, () => NodeFs.writeFileSync(path, old, { mode: 0o600 }))
      expectBytes(path, data)
      expect((NodeFs.statSync(path).mode & 0o777).toString(8)).toBe("600")
    }))

  test("is not needed to refuse a path that names a directory", (directory) =>
    Effect.gen(function* () {
      for (const path of [`${directory}/new/.`, `${directory}/new/..`, `${directory}/new/`]) {
        expect(yield* Effect.flip(download(path))).toMatchObject({ _tag: "InvalidInput", field: "path" })
      }
      expect(NodeFs.readdirSync(directory)).toEqual([])
    }))
})

describe("the mode", () => {
  const modes = [0o600, 0o640, 0o664, 0o755, 0o400, 0o4755]
  for (const mode of modes) {
    test(`of a file that is replaced stays: ${mode.toString(8)}`, (directory) =>
      Effect.gen(function* () {
        const path = `${directory}/file`
        NodeFs.writeFileSync(path, old)
        NodeFs.chmodSync(path, mode)
        const { gid, uid } = NodeFs.statSync(path)
        yield* download(path)
        expectBytes(path, data)
        const now = NodeFs.statSync(path)
        expect((now.mode & 0o7777).toString(8)).toBe(mode.toString(8))
        expect({ gid: now.gid, uid: now.uid }).toEqual({ gid, uid })
      }))
  }

  test("of a new file follows the umask", (directory) =>
    Effect.acquireUseRelease(
      Effect.sync(() => process.umask(0o027)),
      () =>
        Effect.gen(function* () {
          yield* download(`${directory}/file`)
          expect((NodeFs.statSync(`${directory}/file`).mode & 0o777).toString(8)).toBe("640")
        }),
      (umask) => Effect.sync(() => process.umask(umask))
    ))

  it.effect.skipIf(process.getuid?.() !== 0)("the owner stays, where the process may give files away", () =>
    Effect.gen(function* () {
      yield* Cos.putObject({ key: "a", body: data })
      const path = `${yield* Directory}/file`
      NodeFs.writeFileSync(path, old)
      NodeFs.chownSync(path, 12345, 23456)
      yield* download(path)
      expect(NodeFs.statSync(path)).toMatchObject({ uid: 12345, gid: 23456 })
    }).pipe(Effect.provide(NodeFiles.layer), Effect.provide(world))
  )
})

describe("a symbolic link", () => {
  test("is followed: the file that it leads to is replaced, and the link stays", (directory) =>
    Effect.gen(function* () {
      NodeFs.mkdirSync(`${directory}/d`)
      NodeFs.writeFileSync(`${directory}/d/file`, old)
      NodeFs.symlinkSync("d/file", `${directory}/relative`)
      NodeFs.symlinkSync(`${directory}/relative`, `${directory}/link`)
      yield* download(`${directory}/link`)
      expectBytes(`${directory}/d/file`, data)
      expect(NodeFs.readlinkSync(`${directory}/link`)).toBe(`${directory}/relative`)
      expect(NodeFs.readlinkSync(`${directory}/relative`)).toBe("d/file")
      expect(NodeFs.readdirSync(directory, { recursive: true }).sort()).toEqual(["d", "d/file", "link", "relative"])
    }))

  test("that leads to nothing is followed, too", (directory) =>
    Effect.gen(function* () {
      NodeFs.symlinkSync("file", `${directory}/link`)
      yield* download(`${directory}/link`)
      expectBytes(`${directory}/file`, data)
      expect(NodeFs.readlinkSync(`${directory}/link`)).toBe("file")
    }))

  test("is refused where that is asked", (directory) =>
    Effect.gen(function* () {
      NodeFs.writeFileSync(`${directory}/file`, old)
      NodeFs.symlinkSync("file", `${directory}/link`)
      const error = yield* Effect.flip(download(`${directory}/link`, { symlinks: "refuse" }))
      expect(error).toMatchObject({ _tag: "InvalidInput", field: "path" })
      expectBytes(`${directory}/file`, old)
      expect(NodeFs.readlinkSync(`${directory}/link`)).toBe("file")
    }))
})

describe("a checkpoint that names another file as the temporary one", () => {
  const names = ["victim", `.effect-cos-${"0".repeat(26)}.part`, "../victim"]
  for (const name of names) {
    test(`is not believed: ${name}`, (directory) =>
      Effect.gen(function* () {
        NodeFs.mkdirSync(`${directory}/d`)
        // Also where the name can be ours: as a link, it leads elsewhere.
        const victim = `${directory}/victim`
        NodeFs.writeFileSync(victim, old)
        NodeFs.writeFileSync(`${directory}/d/victim`, old)
        NodeFs.symlinkSync(victim, `${directory}/d/.effect-cos-${"0".repeat(26)}.part`)
        const path = `${directory}/d/file`
        const store = yield* Checkpoint.Store
        const { contentLength: size, crc64, eTag = "" } = yield* Cos.headObject({ key: "a" })
        const id = yield* Checkpoint.id({ kind: "download", bucket: World.bucket, key: "a", path })
        for (const tag of [eTag, '"another"']) {
          yield* store.set(id, Checkpoint.Download, {
            kind: "download",
            version: 1,
            bucket: World.bucket,
            key: "a",
            region: undefined,
            size,
            partSize: 64 * 1024,
            createdAt: new Date(0),
            settings: yield* Checkpoint.digest({}),
            versionId: undefined,
            eTag: tag,
            crc64,
            path,
            temporaryPath: `${directory}/d/${name}`,
            parts: []
          })
          yield* download(path)
          expectBytes(path, data)
          expectBytes(victim, old)
          expectBytes(`${directory}/d/victim`, old)
        }
      }).pipe(Effect.provide(Checkpoint.layerMemory)))
  }
})
