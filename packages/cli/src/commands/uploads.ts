import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import * as Upload from "effect-cos/Upload"
import { parseRemote, print, type Remote } from "../address.js"
import { withClient } from "../client.js"
import { make } from "../contract/command.js"
import { DoneInPart } from "../contract/errors.js"
import { Output } from "../contract/output.js"
import { confirm } from "../contract/prompt.js"
import * as Values from "../contract/values.js"
import * as Format from "../terminal/format.js"

/** The bytes of the parts that are stored, where these keys may see them. */
const stored = (bucket: string | undefined, { key, uploadId }: Cos.ListedUpload) =>
  Cos.listParts.items({ bucket, key, uploadId }).pipe(
    Stream.runFold({ bytes: 0, parts: 0 }, ({ bytes, parts }, part) => ({
      bytes: bytes + part.size,
      parts: parts + 1
    })),
    Effect.catchTags({
      AccessDenied: () => Effect.succeed({ bytes: undefined, parts: undefined }),
      // It ended meanwhile.
      NoSuchUpload: () => Effect.succeed({ bytes: 0, parts: 0 })
    })
  )

const listed = ({ bucket, key: prefix }: Remote, olderThan: number | undefined) =>
  Effect.map(Clock.currentTimeMillis, (now) =>
    Cos.listMultipartUploads.items({ bucket, prefix }).pipe(
      Stream.map((upload) => ({ upload, age: Math.max(0, now - upload.initiated.getTime()) })),
      Stream.filter(({ age }) => olderThan === undefined || age > olderThan),
      Stream.mapEffect(
        ({ age, upload }) => Effect.map(stored(bucket, upload), (sizes) => ({ age, upload, ...sizes })),
        {
          concurrency: 8
        }
      )
    )
  ).pipe(Stream.unwrap)

const abort = (remote: Remote, older: number | undefined, yes: boolean) =>
  Effect.gen(function* () {
    const output = yield* Output
    const { bucket, key: prefix } = remote
    const found = yield* Stream.runFold(listed(remote, older), { uploads: 0, bytes: 0 }, ({ bytes, uploads }, one) => ({
      uploads: uploads + 1,
      bytes: bytes + (one.bytes ?? 0)
    }))
    if (found.uploads === 0) return yield* output.note("no unfinished uploads")
    yield* confirm(
      `Abort ${Format.count(found.uploads, "upload")} (${Format.bytes(found.bytes)}) of ${print(remote)}?`,
      { yes }
    )
    const { aborted, failures } = yield* Upload.abortUnfinished({ bucket, prefix, olderThan: older })
    for (const { key, uploadId } of aborted) {
      yield* output.line(
        { type: "aborted", bucket, key, uploadId },
        () => `${Format.key(print({ bucket, key }))}  ${uploadId}`
      )
    }
    for (const { error, upload } of failures) {
      const { key, uploadId } = upload
      const { message } = error
      const code = "code" in error ? error.code : error._tag
      yield* output.line({ type: "not-removed", bucket, key, uploadId, code, message }, undefined)
      if (!output.json) yield* output.warn(`${print({ bucket, key })}: ${message} (${code})`)
    }
    if (failures.length > 0) {
      return yield* new DoneInPart({ done: aborted.length, failed: failures.length, what: "uploads" })
    }
    yield* output.note(`${Format.count(aborted.length, "upload")} aborted`)
  })

const list = (remote: Remote, older: number | undefined) =>
  Effect.gen(function* () {
    const output = yield* Output
    const { bucket } = remote
    yield* Stream.runForEach(listed(remote, older), ({ age, bytes, parts, upload }) => {
      const { initiated, key, storageClass, uploadId } = upload
      const ageSeconds = Math.floor(age / 1000)
      return output.line(
        {
          type: "upload",
          bucket,
          key,
          uploadId,
          began: initiated.toISOString(),
          ageSeconds,
          bytes,
          parts,
          storageClass
        },
        () =>
          `${Format.time(initiated)}  ${Format.age(ageSeconds).padStart(4)}  ${(bytes === undefined ? "?" : Format.bytes(bytes)).padStart(10)}  ${Format.key(key)}  ${uploadId}`
      )
    })
  })

export const command = make(
  {
    name: "uploads",
    summary: "List or abort unfinished uploads, whose parts are stored and paid for",
    description: "Others may be working on them: give them time with --older.",
    examples: [
      ["cos uploads cos:///", "when they began, how old and how large they are"],
      ["cos uploads --abort --older 3d cos:///", "abort the old ones, after a question"]
    ],
    changes: true
  },
  {
    older: Values.age("older", "only those that began longer ago"),
    abort: Values.flag("abort", "abort them"),
    yes: Values.yes,
    address: Values.address("a bucket or prefix")
  },
  (input) =>
    withClient(
      Effect.flatMap(parseRemote(input.address), (remote) =>
        input.abort ? abort(remote, input.older, input.yes) : list(remote, input.older)
      )
    )
)
