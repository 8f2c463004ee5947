/**
 * Opens the records of a directory: first checks whether they are as the last owner left them, and recovers them if not.
 */
import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Files from "../bodies/files.js"
import type { Records } from "../records/tables.js"
import { StorageError } from "../Storage.js"
import { toStorageError } from "../storageErrors.js"
import * as Check from "./check.js"
import * as CommitRecord from "./commitRecord.js"
import type { WriteZeros } from "./fullDisk.js"
import * as Database from "./lmdb.js"
import * as Recovery from "./recovery.js"

interface Options {
  readonly directory: string
  readonly durable: boolean
  readonly writeZeros: WriteZeros | undefined
}

/** How the last owner left the records. */
type State =
  /** Nothing was ever stored. */
  | "new"
  /** The file is byte for byte the one that was closed. */
  | "closed"
  /** The last owner was killed, or something changed since: the file has to be checked. */
  | "unknown"
  /** There were records, and their file is gone or empty. */
  | "gone"

const holdsFiles = (directory: string): boolean =>
  readdirSync(Files.directoryOf(directory), { recursive: true, withFileTypes: true }).some((entry) => entry.isFile())

const stateOf = (directory: string, path: string, found: CommitRecord.CommitRecord | undefined): State => {
  if (!Database.exists(path)) {
    // a body's file is announced by a record, so where there are files there were records
    return (found?.sequence ?? 0) > 0 || holdsFiles(directory) ? "gone" : "new"
  }
  if (found?.closed === undefined) return "unknown"
  const now = Database.checksumOfFile(path)
  return now?.size === found.closed.size && now.checksum === found.closed.checksum ? "closed" : "unknown"
}

/** Gives a file a second name, or copies it where that is impossible. */
const keep = (file: string, copy: string): void => {
  try {
    linkSync(file, copy)
  } catch {
    copyFileSync(file, copy)
  }
}

const newAside = (directory: string): string => {
  let number = 1
  while (existsSync(join(directory, `damaged-${number}`))) number += 1
  return join(directory, `damaged-${number}`)
}

/** Puts the new file in the place of the old one, atomically. */
const replace = (from: string, path: string): void => {
  mkdirSync(path, { recursive: true })
  renameSync(Database.dataFile(from), Database.dataFile(path))
  rmSync(from, { recursive: true, force: true })
}

const tell = (directory: string, aside: string, { kept, lost, recovered, aside: files }: Recovery.Report) =>
  Effect.logWarning(
    `The records in ${directory} were damaged or missing. ${kept} objects and parts were intact, ${recovered} were recovered ` +
      `from the files of their bodies, and ${lost} were left out because their bytes are missing; small objects whose ` +
      `records are gone leave no trace. What was there is kept in ${aside}` +
      (files > 0 ? `, with ${files} files that belong to no known object.` : ".")
  )

/** Recovers what there is into a new file, and puts that in the place of the damaged one. */
const recover = (
  { directory, durable }: Options,
  { fresh, path }: { readonly fresh: string; readonly path: string },
  commits: CommitRecord.CommitRecordFile
) =>
  Effect.gen(function* () {
    const aside = newAside(directory)
    const report = yield* Effect.scoped(
      Effect.flatMap(Database.open({ path: fresh, durable }), (database) =>
        Effect.try({
          try: () => {
            mkdirSync(aside, { recursive: true })
            if (Database.exists(path)) keep(Database.dataFile(path), join(aside, "data.mdb"))
            return Recovery.recover(database, directory, commits.found?.sequence ?? 0, join(aside, "bodies"))
          },
          catch: (error) => (error instanceof StorageError ? error : toStorageError(error, fresh))
        })
      )
    )
    yield* Effect.try({ try: () => replace(fresh, path), catch: (error) => toStorageError(error, path) })
    yield* tell(directory, aside, report)
  })

export const openRecords = (options: Options): Effect.Effect<Records, StorageError, Scope.Scope> =>
  Effect.gen(function* () {
    const { directory } = options
    const path = join(directory, "records")
    const fresh = join(directory, "records-new")
    const attempt = <A>(evaluate: () => A) =>
      Effect.try({ try: evaluate, catch: (error) => toStorageError(error, path) })

    yield* attempt(() => rmSync(fresh, { recursive: true, force: true }))
    const commits = yield* CommitRecord.open(join(directory, "commits"))
    const state = yield* attempt(() => stateOf(directory, path, commits.found))
    if (state === "gone") yield* recover(options, { fresh, path }, commits)
    if (state === "unknown") {
      const finding = yield* Check.check(path, fresh)
      if (finding._tag === "InUse") {
        const message = `${directory} is in use by process ${finding.pid}`
        return yield* new StorageError({ reason: "Io", message, path })
      }
      const isOld = finding._tag === "Whole" && finding.sequence < (commits.found?.sequence ?? 0)
      if (finding._tag === "Damaged" || isOld) {
        yield* recover(options, { fresh, path }, commits)
      } else if (finding._tag === "Whole" && finding.copied) {
        // the copy leaves behind LMDB's list of free pages, which was not checked
        yield* attempt(() => replace(fresh, path))
      }
    }
    yield* attempt(() => rmSync(fresh, { recursive: true, force: true }))

    // runs after LMDB has closed its file
    yield* Effect.addFinalizer(() =>
      Effect.ignore(
        attempt(() => {
          if (last !== undefined) commits.write({ sequence: last, closed: Database.checksumOfFile(path) })
        })
      )
    )
    let last: number | undefined
    const database = yield* Database.open({ ...options, path, onCommit: commits.write })
    last = database.summary().sequence
    yield* attempt(() => commits.write({ sequence: database.summary().sequence }))
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        last = database.summary().sequence
      })
    )
    return database
  })
