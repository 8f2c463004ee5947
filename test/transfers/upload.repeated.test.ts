/** What an upload in parts says once, and what with every part. */
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Copy from "effect-cos/Copy"
import * as Download from "effect-cos/Download"
import * as Upload from "effect-cos/Upload"
import { drive } from "../support/clock.js"
import { content, firstDifference, MiB } from "../support/content.js"
import * as World from "../support/world.js"

const bytes = content(2 * MiB + 1)
const customerKey = Redacted.make(new Uint8Array(32).fill(7))
const other = Redacted.make(new Uint8Array(32).fill(8))

const said = (operation: string, header: string) =>
  Effect.map(World.requests(operation), (entries) => [...new Set(entries.map(({ headers }) => headers[header]))])

it.effect("the customer's key and the limits go with every part, the rest with the first request", () =>
  Effect.gen(function* () {
    const input = {
      key: "a",
      bytes,
      customerKey,
      contentType: "text/plain",
      mimeLimit: "text/*",
      trafficLimit: 838_860_800,
      metadata: { a: "1" }
    }
    const { parts } = yield* drive(Upload.bytes(input, { partSize: MiB, threshold: 0 }))
    expect(parts).toBe(3)
    for (const operation of ["initiateMultipartUpload", "uploadPart"]) {
      expect(yield* said(operation, "x-cos-server-side-encryption-customer-algorithm")).toEqual(["AES256"])
      expect(yield* said(operation, "x-cos-mime-limit")).toEqual(["text/*"])
    }
    expect(yield* said("uploadPart", "x-cos-traffic-limit")).toEqual(["838860800"])
    expect(yield* said("initiateMultipartUpload", "x-cos-meta-a")).toEqual(["1"])
    expect(yield* said("uploadPart", "x-cos-meta-a")).toEqual([undefined])
    const read = yield* Download.bytes({ key: "a", customerKey })
    expect(firstDifference(read, bytes)).toBeUndefined()

    const copied = Copy.object(
      { key: "b", source: { key: "a" }, sourceCustomerKey: customerKey, customerKey: other },
      { partSize: MiB, threshold: 0 }
    )
    yield* drive(copied)
    expect((yield* World.requests("uploadPartCopy")).length).toBe(3)
    expect(firstDifference(yield* Download.bytes({ key: "b", customerKey: other }), bytes)).toBeUndefined()
  }).pipe(Effect.provide(World.inProcess()))
)
