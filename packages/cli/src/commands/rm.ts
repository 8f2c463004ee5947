import { createInterface } from "node:readline"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import type { CosClient } from "effect-cos/CosClient"
import type { CosError, NoSuchKey } from "effect-cos/CosError"
import { parse, parseObject, parseRemote, print, type Remote } from "../address.js"
import { withClient } from "../client.js"
import { make } from "../contract/command.js"
import { type CommandError, CommandFailed, DoneInPart, reportOf, UsageError } from "../contract/errors.js"
import { Output } from "../contract/output.js"
import { confirm } from "../contract/prompt.js"
import * as Values from "../contract/values.js"
import * as Format from "../terminal/format.js"
import * as Listing from "../terminal/listing.js"

/** One object, or one version of it, that is to be removed. */
interface Target extends Remote {
  readonly versionId: string | undefined
  /** Bytes, where they are known. */
  readonly size: number | undefined
}

/** A line of standard input: an address, with a version after a tab as `find --versions` prints it, or a JSON line. */
const targetOf = (line: string): Effect.Effect<Target, UsageError> =>
  Effect.gen(function* () {
    if (line.startsWith("{")) {
      const json = yield* Effect.try({
        try: () => JSON.parse(line) as { readonly [name: string]: unknown },
        catch: () => new UsageError({ message: `a line of standard input is no JSON: ${line}` })
      })
      const { bucket, key, size, versionId } = json
      if (typeof key === "string" && key !== "") {
        return {
          _tag: "Remote",
          bucket: typeof bucket === "string" ? bucket : undefined,
          key,
          versionId: typeof versionId === "string" ? versionId : undefined,
          size: typeof size === "number" ? size : undefined
        }
      }
      return yield* new UsageError({ message: `a line of standard input names no object: ${line}` })
    }
    const [address = "", versionId] = line.split("\t")
    return { ...(yield* parseObject(address)), versionId, size: undefined }
  })

const standardInput: Stream.Stream<Target, CommandError, Output> = Stream.flatMap(Output, ({ stdin }) =>
  Stream.fromAsyncIterable(
    createInterface({ input: stdin, terminal: false }),
    (error) => new CommandFailed({ exitCode: 1, message: `standard input cannot be read: ${error}` })
  )
).pipe(
  Stream.filter((line) => line !== ""),
  Stream.mapEffect(targetOf)
)

/** Everything below a prefix. */
const below = ({ bucket, key: prefix }: Remote, versions: boolean): Stream.Stream<Target, CosError, CosClient> =>
  versions
    ? Cos.listObjectVersions.pages({ bucket, prefix }).pipe(
        Stream.mapConcat(Listing.entriesOf),
        Stream.map((entry) => ({
          _tag: "Remote",
          bucket,
          key: entry.key,
          versionId: entry.versionId,
          size: "size" in entry ? entry.size : 0
        }))
      )
    : Cos.listObjects
        .items({ bucket, prefix })
        .pipe(Stream.map(({ key, size }) => ({ _tag: "Remote", bucket, key, versionId: undefined, size })))

/** Every version of one object. */
const versionsOf = (remote: Remote) =>
  below(remote, true).pipe(
    Stream.takeWhile(({ key }) => key.startsWith(remote.key)),
    Stream.filter(({ key }) => key === remote.key)
  )

/** One named object: it has to be there. */
const named = (remote: Remote, versionId: string | undefined) =>
  Cos.headObject({ bucket: remote.bucket, key: remote.key, versionId }).pipe(
    Effect.map(({ contentLength }): Target => ({ ...remote, versionId, size: contentLength })),
    Effect.catchTag(
      "NoSuchKey",
      (error): Effect.Effect<never, CommandFailed | NoSuchKey> =>
        remote.key.endsWith("/")
          ? new CommandFailed({
              exitCode: 4,
              message: `${print(remote)}: there is no object of this name`,
              advice: "--recursive removes what lies below it"
            })
          : Effect.fail(error)
    )
  )

/** What ended a removal midway, such as a listing that failed: what is gone by then is told, and is a part. */
const cutShort = (
  error: CommandError,
  { failed, objects }: { readonly failed: number; readonly objects: number },
  isDryRun: boolean
): CommandError => {
  if (isDryRun || objects === 0) return error
  const { advice, code, message, requestId } = reportOf(error)
  const removed = `${Format.count(objects, "object")} had been removed by then${failed === 0 ? "" : `, and ${failed} not`}`
  return new CommandFailed({ exitCode: 3, message: `${message}; ${removed}`, advice, code, requestId })
}

/** Removes what the stream gives, and tells of each. */
const remove = <R>(targets: Stream.Stream<Target, CommandError, R>, dryRun: boolean) =>
  Effect.gen(function* () {
    const output = yield* Output
    const counts = { objects: 0, failed: 0 }
    const gone = (
      { bucket, key, versionId }: Remote & { readonly versionId?: string | undefined },
      marker?: string
    ) => {
      counts.objects += 1
      const line = { type: "removed", bucket, key, versionId, deleteMarkerVersionId: marker } as const
      const text = () =>
        `${dryRun ? "would be removed: " : ""}${Format.key(print({ bucket, key }))}${versionId === undefined ? "" : `  ${versionId}`}`
      return output.line(dryRun ? { ...line, dryRun } : line, text)
    }
    /** Of one bucket. */
    const outcomes = (bucket: string | undefined, objects: ReadonlyArray<Target>) =>
      Cos.deleteObjectsStream({ bucket, objects }).pipe(
        Stream.runForEach((outcome) => {
          const { key, versionId } = outcome
          if (outcome._tag === "Deleted") {
            return gone(
              { _tag: "Remote", bucket, key, versionId },
              versionId === undefined ? outcome.deleteMarkerVersionId : undefined
            )
          }
          counts.failed += 1
          const { code, message } = outcome
          return Effect.zipRight(
            output.line({ type: "not-removed", bucket, key, versionId, code, message }, undefined),
            output.json ? Effect.void : output.warn(`${print({ bucket, key })}: ${message} (${code})`)
          )
        })
      )
    const removing = dryRun
      ? Stream.runForEach(targets, (target) => gone(target))
      : targets.pipe(
          Stream.rechunk(1000),
          Stream.chunks,
          Stream.runForEach((chunk) => {
            const byBucket = Object.values(Arr.groupBy(chunk, ({ bucket = "" }) => bucket))
            return Effect.forEach(byBucket, (objects) => outcomes(objects[0].bucket, objects), { discard: true })
          })
        )
    const total = Effect.suspend(() => output.line({ type: "removed-total", ...counts }, undefined))
    yield* Effect.catchAll(removing, (error) => Effect.zipRight(total, Effect.fail(cutShort(error, counts, dryRun))))
    yield* total
    if (counts.failed > 0) {
      return yield* new DoneInPart({ done: counts.objects, failed: counts.failed, what: "objects" })
    }
    yield* output.note(`${Format.count(counts.objects, "object")} ${dryRun ? "would be " : ""}removed`)
  })

const asked = (targets: ReadonlyArray<Target>, versions: boolean, where: string) => {
  const bytes = targets.reduce((sum, { size }) => sum + (size ?? 0), 0)
  const unknown = targets.some(({ size }) => size === undefined)
  const what = Format.count(targets.length, versions ? "version" : "object")
  return `Remove ${what}${unknown ? "" : ` (${Format.bytes(bytes)})`} ${where}?`
}

export const command = make(
  {
    name: "rm",
    summary: "Remove objects: one, many from standard input, or all below a prefix",
    description:
      "Before more than one named object is removed, it says how many and how large they are, and asks. Without a terminal\nthat takes --yes. In a bucket with versioning the old versions stay, unless --versions or --version-id takes them too.",
    examples: [
      ["cos rm cos:///a.txt", "one object, without a question"],
      ["cos rm -r cos:///tmp/", "everything below a prefix, after a question"],
      ["cos find cos:/// --older 30d | cos rm --yes -", "what another command lists"]
    ],
    changes: true
  },
  {
    recursive: Values.flag("recursive", "everything below the address", "r"),
    versions: Values.flag("versions", "every version and delete marker, which cannot be undone"),
    versionId: Values.versionId,
    dryRun: Values.flag("dry-run", "only say what would be removed", "n"),
    yes: Values.yes,
    addresses: Values.addresses("objects; prefixes with --recursive; - for a list on standard input")
  },
  (input) =>
    withClient(
      Effect.gen(function* () {
        const { addresses, dryRun, recursive, versionId, versions } = input
        if (versionId !== undefined && (versions || recursive || addresses.length > 1)) {
          return yield* new UsageError({ message: "--version-id goes with one object" })
        }
        const first = yield* parse(addresses[0] ?? "")
        if (first._tag === "Standard" && addresses.length === 1) {
          if (recursive || versions || versionId !== undefined) {
            return yield* new UsageError({
              message:
                "of what standard input lists each is removed as it is named, without --recursive, --versions or --version-id",
              advice: "`cos find --versions` lists versions"
            })
          }
          // Read to its end first: where a line is wrong, nothing is removed.
          const targets = Array.from(yield* Stream.runCollect(standardInput))
          if (targets.length > 0 && !dryRun) yield* confirm(asked(targets, false, "of standard input"), input)
          return yield* remove(Stream.fromIterable(targets), dryRun)
        }
        const remotes = yield* Effect.forEach(addresses, recursive ? parseRemote : parseObject)
        const listed = Stream.flatMap(
          Stream.fromIterable(remotes),
          (remote): Stream.Stream<Target, CommandError, CosClient> =>
            recursive
              ? below(remote, versions)
              : versions
                ? versionsOf(remote)
                : Stream.fromEffect(named(remote, versionId))
        )
        const isOne = remotes.length === 1 && !recursive && !versions
        if ((input.yes && recursive) || dryRun) return yield* remove(listed, dryRun)
        // What was counted is what is removed: nothing that came later.
        const targets = Array.from(yield* Stream.runCollect(listed))
        if (targets.length > 0 && !isOne) yield* confirm(asked(targets, versions, `of ${addresses.join(", ")}`), input)
        yield* remove(Stream.fromIterable(targets), dryRun)
      })
    )
)
