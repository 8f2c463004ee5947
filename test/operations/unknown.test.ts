/** A document in the emulator that the SDK reads and puts again is the same as before, with what nobody knows in it. */
import { createHash } from "node:crypto"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import * as CosXml from "effect-cos/CosXml"
import * as World from "../support/world.js"
import { type Configuration, configurations } from "./documents.js"

const world = World.inProcess({ emulator: { buckets: [World.bucket, "b-1250000000"], strict: false } })

const unknown = { "New-Thing": [{ "@version": "1", "#text": "a <b> & c" }, { Inner: ["1", "2"] }], Later: "" }

type Content = CosXml.Node | ReadonlyArray<CosXml.Node>

/** With something unknown in each element that holds elements. */
const extended = (content: Content): Content => {
  if (typeof content === "string") return content
  if (Array.isArray(content)) return content.map((one) => extended(one) as CosXml.Node)
  const inner = Object.entries(content as CosXml.Elements).map(([name, one]) => [name, extended(one as Content)])
  return { ...Object.fromEntries(inner), ...unknown }
}

const query = ({ id, subresource }: Configuration["at"]) => ({ [subresource]: "", ...(id === undefined ? {} : { id }) })

const putDocument = (at: Configuration["at"], body: string) =>
  Cos.request({
    method: "PUT",
    ...(at.key === undefined ? {} : { key: at.key }),
    query: query(at),
    body,
    headers: { "Content-MD5": createHash("md5").update(body).digest("base64"), "Content-Type": "application/xml" }
  })

const getDocument = (at: Configuration["at"]) =>
  Cos.request({ method: "GET", ...(at.key === undefined ? {} : { key: at.key }), query: query(at) }).pipe(
    Effect.flatMap(({ body }) => Stream.mkString(Stream.decodeText(body)))
  )

/** Elements of different names have no order. */
const canonical = (content: Content): unknown =>
  typeof content === "string"
    ? content
    : Array.isArray(content)
      ? content.map(canonical)
      : Object.entries(content as CosXml.Elements)
          .map(([name, inner]) => [name, canonical(inner as Content)])
          .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))

const parsed = (document: string) => canonical(Either.getOrThrow(CosXml.parse(document, { attributes: true })).content)

it.scoped.each(configurations)("$name", ({ again, at, document, root }) =>
  Effect.gen(function* () {
    if (at.needs === "versioning") yield* Cos.putBucketVersioning({ status: "Enabled" })
    if (at.needs === "lock")
      yield* Cos.putObjectLockConfiguration({ objectLockEnabled: "Enabled", defaultRetentionDays: 1 })
    if (at.key !== undefined) yield* Cos.putObject({ key: at.key, body: "x" })
    const whole = Either.getOrThrow(CosXml.build(root, extended(document) as CosXml.Node))
    yield* putDocument(at, whole)
    const before = yield* getDocument(at)
    expect(before).toContain("<Inner>2</Inner>")
    yield* again
    expect(parsed(yield* getDocument(at))).toEqual(parsed(before))
  }).pipe(Effect.provide(world))
)
