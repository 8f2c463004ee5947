import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import {
  type ListOptions,
  NotFound,
  type Page,
  type Snapshot,
  StorageError,
  type StoredObject
} from "../../src/internal/storage/Storage.js"

import { createUpload, fresh, getText, manifest, put, putPart, remove } from "./support.js"

export interface ModelVersion {
  readonly id: string
  /** `undefined`: a delete marker. */
  readonly content: string | undefined
}

/** Sizes on both sides of what is kept in a record, few enough to tell apart by their first character. */
export const contents = ["", "1", "2", "3".repeat(70_000), "4".repeat(300_000)]
export const names = ["a", "a\0", "a/", "a/b", "a/b/c", "ab", "中/文", "\u{1f600}"]

export type Command =
  | { readonly do: "put"; readonly key: string; readonly content: string }
  | { readonly do: "remove"; readonly key: string }
  | { readonly do: "removeVersion"; readonly key: string; readonly nth: number }
  | { readonly do: "copy"; readonly key: string; readonly nth: number; readonly to: string }
  | { readonly do: "versioning"; readonly status: "Enabled" | "Suspended" }
  | { readonly do: "createUpload"; readonly key: string }
  | { readonly do: "putPart"; readonly nth: number; readonly partNumber: number; readonly content: string }
  | { readonly do: "complete" | "abort"; readonly nth: number }
  | { readonly do: "snapshot" | "restore" }
  | { readonly do: "listObjects" | "listVersions" | "listUploads"; readonly options: ListOptions }

export const { integer, nat, record } = FastCheck
export const among = <const A>(...values: ReadonlyArray<A>) => FastCheck.constantFrom(...values)
export const key = among(...names)
export const content = among(...contents)
/** Chooses among what there is at that moment. */
export const nth = nat({ max: 1_000 })

export const command: FastCheck.Arbitrary<Command> = FastCheck.oneof(
  { weight: 6, arbitrary: record({ do: among("put"), key, content }) },
  { weight: 3, arbitrary: record({ do: among("remove"), key }) },
  { weight: 3, arbitrary: record({ do: among("removeVersion"), key, nth }) },
  { weight: 3, arbitrary: record({ do: among("copy"), key, nth, to: key }) },
  {
    weight: 1,
    arbitrary: record({ do: among("versioning"), status: among("Enabled", "Suspended") })
  },
  { weight: 2, arbitrary: record({ do: among("createUpload"), key }) },
  {
    weight: 5,
    arbitrary: record({ do: among("putPart"), nth, partNumber: integer({ min: 1, max: 3 }), content })
  },
  { weight: 3, arbitrary: record({ do: among("complete", "complete", "abort"), nth }) },
  { weight: 1, arbitrary: record({ do: among("snapshot", "restore") }) },
  {
    weight: 3,
    arbitrary: record({
      do: among("listObjects", "listVersions", "listUploads"),
      options: record({
        prefix: among("", "a", "a/", "中", "x"),
        delimiter: among("", "/", "b"),
        limit: integer({ min: 1, max: 5 })
      })
    })
  }
)

export interface Model {
  readonly versioning: "Enabled" | "Suspended" | undefined
  /** Newest first. */
  readonly objects: ReadonlyMap<string, ReadonlyArray<ModelVersion>>
  readonly uploads: ReadonlyMap<string, { readonly key: string; readonly parts: ReadonlyMap<number, string> }>
}

export const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** What all pages of a list hold together, in order; a prefix as `prefix/…`. */
export const grouped = (
  entries: ReadonlyArray<readonly [key: string, id: string]>,
  { delimiter, prefix }: { readonly delimiter: string; readonly prefix: string }
): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const [key, id] of entries) {
    if (!key.startsWith(prefix)) continue
    const cut = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length)
    const line = cut === -1 ? `${key}=${id}` : `prefix ${key.slice(0, cut + delimiter.length)}`
    if (lines.at(-1) !== line) lines.push(line)
  }
  return lines
}

export const sorted = <A>(map: ReadonlyMap<string, A>) => [...map].sort(([a], [b]) => byBytes(a, b))

/** Runs the commands against storage and model, comparing what they answer, and at the end all that is left. */
export const compare = (commands: ReadonlyArray<Command>) =>
  Effect.gen(function* () {
    const storage = yield* fresh("m-1")
    let model: Model = { versioning: undefined, objects: new Map(), uploads: new Map() }
    let saved: { readonly model: Model; readonly snapshot: Snapshot } | undefined

    const setVersions = (key: string, versions: ReadonlyArray<ModelVersion>) => {
      const objects = new Map(model.objects)
      if (versions.length === 0) objects.delete(key)
      else objects.set(key, versions)
      model = { ...model, objects }
    }
    const add = (key: string, version: ModelVersion) => {
      assert.strictEqual(version.id === "null", model.versioning !== "Enabled")
      const before = model.objects.get(key) ?? []
      setVersions(key, [
        version,
        ...(model.versioning === "Enabled" ? before : before.filter(({ id }) => id !== "null"))
      ])
    }
    const setUpload = (
      id: string,
      upload: { readonly key: string; readonly parts: ReadonlyMap<number, string> } | null
    ) => {
      const uploads = new Map(model.uploads)
      if (upload === null) uploads.delete(id)
      else uploads.set(id, upload)
      model = { ...model, uploads }
    }
    const pickUpload = (index: number) => [...model.uploads][index % (model.uploads.size || 1)]

    /** All pages, following the marker. */
    const pages = <A>(
      limit: number,
      read: (marker: { readonly key: string; readonly id: string }) => Effect.Effect<Page<A>, NotFound | StorageError>,
      lineOf: (item: A) => string,
      keyOf: (item: A) => string
    ) =>
      Effect.gen(function* () {
        const lines: Array<string> = []
        let marker = { key: "", id: "" }
        for (;;) {
          const { items, last, prefixes, truncated } = yield* read(marker)
          assert.isAtMost(items.length + prefixes.length, limit)
          const entries = [
            ...items.map((item) => [keyOf(item), lineOf(item)] as const),
            ...prefixes.map((prefix) => [prefix, `prefix ${prefix}`] as const)
          ]
          // stable, so versions and uploads of one key stay as they came
          lines.push(...entries.sort(([a], [b]) => byBytes(a, b)).map(([, line]) => line))
          if (!truncated) return lines
          assert.strictEqual(items.length + prefixes.length, limit)
          const next = Option.getOrThrow(last)
          assert.notDeepEqual(next, marker)
          marker = next
        }
      })

    const listObjects = (options: ListOptions) =>
      Effect.map(
        pages(
          options.limit,
          ({ key }) => storage.listObjects("m-1", { ...options, after: key }),
          ({ key, versionId }) => `${key}=${versionId}`,
          ({ key }) => key
        ),
        (lines) =>
          assert.deepStrictEqual(
            lines,
            grouped(
              sorted(model.objects).flatMap(([key, [current]]) =>
                current?.content === undefined ? [] : [[key, current.id] as const]
              ),
              options
            )
          )
      )
    const listVersions = (options: ListOptions) =>
      Effect.map(
        pages(
          options.limit,
          ({ id, key }) => storage.listVersions("m-1", { ...options, after: key, afterId: id }),
          ({ latest, version }) => `${version.key}=${version.versionId} ${version.deleteMarker} ${latest}`,
          ({ version }) => version.key
        ),
        (lines) =>
          assert.deepStrictEqual(
            lines,
            grouped(
              sorted(model.objects).flatMap(([key, versions]) =>
                versions.map(({ content, id }, i) => [key, `${id} ${content === undefined} ${i === 0}`] as const)
              ),
              options
            )
          )
      )
    const listUploads = (options: ListOptions) =>
      Effect.map(
        pages(
          options.limit,
          ({ id, key }) => storage.listUploads("m-1", { ...options, after: key, afterId: id }),
          ({ key, uploadId }) => `${key}=${uploadId}`,
          ({ key }) => key
        ),
        (lines) =>
          assert.deepStrictEqual(
            lines,
            grouped(
              [...model.uploads]
                .map(([id, { key }]) => [key, id] as const)
                .sort((a, b) => byBytes(a[0], b[0]) || byBytes(a[1], b[1])),
              options
            )
          )
      )

    const lists = { listObjects, listVersions, listUploads }

    for (const step of commands) {
      switch (step.do) {
        case "put": {
          const { versionId } = yield* put("m-1", step.key, step.content)
          add(step.key, { id: versionId, content: step.content })
          break
        }
        case "remove": {
          const { marker, removed } = yield* remove("m-1", step.key)
          const before = model.objects.get(step.key) ?? []
          const replaced = model.versioning === "Enabled" ? undefined : before.find(({ id }) => id === "null")
          assert.strictEqual(Option.isSome(removed), replaced !== undefined)
          assert.strictEqual(Option.isSome(marker), model.versioning !== undefined)
          if (Option.isSome(marker)) add(step.key, { id: marker.value.versionId, content: undefined })
          else setVersions(step.key, [])
          break
        }
        case "removeVersion": {
          const before = model.objects.get(step.key) ?? []
          const version = before[step.nth % (before.length || 1)]
          const { removed } = yield* remove("m-1", step.key, version?.id ?? "null")
          assert.strictEqual(Option.getOrUndefined(removed)?.versionId, version?.id)
          setVersions(
            step.key,
            before.filter((other) => other !== version)
          )
          break
        }
        case "copy": {
          const before = model.objects.get(step.key) ?? []
          const version = before[step.nth % (before.length || 1)]
          if (version?.content === undefined) break
          const copy = yield* Effect.scoped(
            Effect.gen(function* () {
              const source = yield* storage.openObject("m-1", step.key, version.id)
              assert.strictEqual(source.latest, version === before[0])
              return yield* storage.putObject("m-1", step.to, () => Either.right(source.version as StoredObject))
            })
          )
          add(step.to, { id: copy.versionId, content: version.content })
          break
        }
        case "versioning": {
          yield* storage.updateBucket("m-1", (bucket) => ({ ...bucket, versioning: step.status }))
          model = { ...model, versioning: step.status }
          break
        }
        case "createUpload": {
          const { uploadId } = yield* createUpload("m-1", step.key)
          setUpload(uploadId, { key: step.key, parts: new Map() })
          break
        }
        case "putPart": {
          const [id, upload] = pickUpload(step.nth) ?? []
          if (id === undefined || upload === undefined) break
          yield* putPart("m-1", yield* storage.getUpload("m-1", upload.key, id), step.partNumber, step.content)
          setUpload(id, { ...upload, parts: new Map([...upload.parts, [step.partNumber, step.content]]) })
          break
        }
        case "abort": {
          const [id, upload] = pickUpload(step.nth) ?? []
          if (id === undefined || upload === undefined) break
          yield* storage.abortUpload("m-1", upload.key, id)
          setUpload(id, null)
          break
        }
        case "complete": {
          const [id, upload] = pickUpload(step.nth) ?? []
          if (id === undefined || upload === undefined) break
          const { versionId } = yield* storage.completeUpload("m-1", upload.key, id, ({ parts }) =>
            Either.right(manifest(parts))
          )
          setUpload(id, null)
          const parts = [...upload.parts].sort(([a], [b]) => a - b)
          add(upload.key, { id: versionId, content: parts.map(([, content]) => content).join("") })
          break
        }
        case "snapshot": {
          saved = { model, snapshot: yield* storage.snapshot }
          break
        }
        case "restore": {
          if (saved === undefined) break
          yield* storage.restore(saved.snapshot)
          model = saved.model
          break
        }
        default:
          yield* lists[step.do](step.options)
      }
    }

    const everything = { prefix: "", delimiter: "", limit: 1000 }
    yield* listObjects(everything)
    yield* listVersions(everything)
    yield* listUploads(everything)
    for (const [key, versions] of model.objects) {
      for (const { content, id } of versions) {
        assert.strictEqual(yield* getText("m-1", key, id), content ?? "")
      }
    }
  })
