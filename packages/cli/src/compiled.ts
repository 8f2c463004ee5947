/**
 * Loads the program, and keeps what V8 compiled of it for the next run of the same command, which then starts in three quarters
 * of the time. Node has a cache of its own from 22.1 on, but keeps only what it compiles before anything runs.
 */
import { createHash } from "node:crypto"
import * as fs from "node:fs"
import { createRequire } from "node:module"
import { homedir } from "node:os"
import { basename, dirname, join } from "node:path"
import { constants, Script } from "node:vm"

/** Those of Node's own cache apply, as its users expect. */
const { LOCALAPPDATA, NODE_COMPILE_CACHE, NODE_DISABLE_COMPILE_CACHE, XDG_CACHE_HOME } = process.env

/** A run that takes longer, in seconds, has dropped what it compiled for its start. */
const longest = 10

const checksum = (data: Uint8Array) => createHash("sha256").update(data).digest()

/**
 * Not in the system's folder for temporary files: who can write the file decides what is run. Fails for users whose home does not
 * exist, such as those of daemons.
 */
const folder = (): string =>
  NODE_COMPILE_CACHE ??
  join(
    (process.platform === "win32" ? LOCALAPPDATA : XDG_CACHE_HOME) ?? join(fs.realpathSync(homedir()), ".cache"),
    "cos",
    "compiled"
  )

/** V8 ends the process over data that were changed, and looks at no more than their length. */
const read = (file: string): Buffer | undefined => {
  const descriptor = fs.openSync(file, "r")
  try {
    if (process.getuid !== undefined && fs.fstatSync(descriptor).uid !== process.getuid()) return undefined
    const kept = fs.readFileSync(descriptor)
    const data = kept.subarray(32)
    return checksum(data).equals(kept.subarray(0, 32)) ? data : undefined
  } finally {
    fs.closeSync(descriptor)
  }
}

/** Keeps it, for the user alone, and removes what other versions of the program left. */
const write = (file: string, program: string, data: Uint8Array): void => {
  const folder = dirname(file)
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
  const temporary = `${file}.${process.pid}`
  fs.writeFileSync(temporary, Buffer.concat([checksum(data), data]), { mode: 0o600 })
  fs.renameSync(temporary, file)
  for (const name of fs.readdirSync(folder)) {
    if (name.startsWith("program-") && !name.startsWith(program)) fs.rmSync(join(folder, name), { force: true })
  }
}

/** Nothing is said of what fails here: it only makes the next run slower. */
const attempt = <A>(run: () => A): A | undefined => {
  try {
    return run()
  } catch {
    return undefined
  }
}

/**
 * What a CommonJS module exports that is wrapped as Node wraps them, and whose file is named after its content. `command` tells
 * what of it is run.
 */
export const load = <Exports extends object>(script: string, command: string): Exports => {
  const program = basename(script)
  const isKept = NODE_DISABLE_COMPILE_CACHE === undefined
  const file = isKept
    ? attempt(() => join(folder(), `${program}-${process.version}-${process.arch}-${command}`))
    : undefined
  const cachedData = file === undefined ? undefined : attempt(() => read(file))
  const compiled = new Script(fs.readFileSync(script, "latin1"), {
    filename: script,
    cachedData,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER
  })
  if (file !== undefined && (cachedData === undefined || compiled.cachedDataRejected)) {
    process.on("exit", (code) => {
      if (code === 0 && process.uptime() < longest) attempt(() => write(file, program, compiled.createCachedData()))
    })
  }
  const module = { exports: {} }
  compiled.runInThisContext()(module.exports, createRequire(script), module, script)
  return module.exports as Exports
}
