/** Absolute paths without the `Path` service. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"

const isWindows = (path: string): boolean => /^[A-Za-z]:[\\/]|^\\\\/.test(path)

/** What `path` is in, and its own name. */
const split = (path: string, windows: boolean): readonly [directory: string, name: string] => {
  const at = Math.max(path.lastIndexOf("/"), windows ? path.lastIndexOf("\\") : -1)
  if (at === -1) return [".", path]
  const directory = path.slice(0, at)
  return [directory === "" || /^[A-Za-z]:$/.test(directory) ? `${directory}/` : directory, path.slice(at + 1)]
}

const join = (directory: string, name: string): string =>
  name === "." ? directory : `${directory.replace(/[\\/]$/, "")}/${name}`

/** The real paths of directories that many files go to: there may be as many directories as files. */
export class RealPaths {
  readonly #known = new Map<string, string>()
  get(directory: string): string | undefined {
    return this.#known.get(directory)
  }
  set(directory: string, realPath: string): void {
    if (this.#known.size === mostKnown) this.#known.clear()
    this.#known.set(directory, realPath)
  }
}
const mostKnown = 1000

/** As with a `/` at the end, a directory is meant by `.`, and no file of its name. */
const joinFile = (directory: string, name: string): string => join(directory, name === "." ? "" : name)

/**
 * The absolute path of what is, or will be, at `path`: the same from every working directory. Links are followed in
 * directories that exist, not in the last name. Downloads do not require the `Path` service, so this does without.
 */
export const absolutePath = (path: string, known?: RealPaths): Effect.Effect<string, never, FileSystem.FileSystem> => {
  if (known === undefined || !path.startsWith("/")) return resolve(path, known)
  const [directory, name] = split(path, false)
  const realPath = name === ".." ? undefined : known.get(directory)
  return realPath === undefined ? resolve(path, known) : Effect.succeed(joinFile(realPath, name))
}

const resolve = (path: string, known: RealPaths | undefined): Effect.Effect<string, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const windows = !path.startsWith("/") && isWindows(yield* Effect.orElseSucceed(fs.realPath("."), () => "."))
    /** The real path of a directory, of which only the beginning may exist. */
    const resolveDirectory = (directory: string): Effect.Effect<string> => {
      const before = known?.get(directory)
      if (before !== undefined) return Effect.succeed(before)
      return Effect.matchEffect(fs.realPath(directory), {
        onFailure: () => {
          const [parent, name] = split(directory, windows)
          return parent === directory
            ? Effect.succeed(directory)
            : Effect.map(resolveDirectory(parent), (resolved) => join(resolved, name))
        },
        onSuccess: (realPath) =>
          Effect.sync(() => {
            known?.set(directory, realPath)
            return realPath
          })
      })
    }
    const [directory, name] = split(path, windows)
    if (name === "..") return yield* resolveDirectory(path)
    return joinFile(yield* resolveDirectory(directory), name)
  })
