/** Keys whose policies are made of operations: the emulator allows what these need, and nothing else. */
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import * as CosClient from "effect-cos/CosClient"
import * as Credentials from "effect-cos/Credentials"
import * as Download from "effect-cos/Download"
import * as Policy from "effect-cos/Policy"
import * as Upload from "effect-cos/Upload"
import { Emulator } from "effect-cos-emulator/Emulator"
import { content, MiB } from "../support/content.js"
import * as World from "../support/world.js"

const { bucket, region } = World

/** Runs with a key of this policy. */
const withPolicy = <A, E, R>(policy: Policy.PolicyInput, self: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const { addCredentials } = yield* Emulator
    const statement = JSON.parse(yield* Policy.toJson(policy)).statement
    const key = { secretId: "AKIDPOLICY", secretKey: Redacted.make("s") }
    yield* addCredentials({ ...key, policies: [{ statement }] })
    const client = CosClient.layer({ bucket, region })
    return yield* Effect.provide(self, client).pipe(Effect.provide(Credentials.layerStatic(key)))
  })

const outcome = <A, E extends { readonly _tag: string }, R>(self: Effect.Effect<A, E, R>) =>
  Effect.match(self, { onSuccess: () => "done", onFailure: ({ _tag }) => _tag })

const bytes = content(2 * MiB)

it.effect("uploads in parts, resumed too, and downloads, below a prefix", () =>
  Effect.gen(function* () {
    const policy = Policy.merge(
      Policy.allow(Policy.upload, { bucket, region, prefix: "in/" }),
      Policy.allow(Policy.download, { bucket, region, prefix: "out/" })
    )
    yield* Cos.putObject({ key: "out/a", body: "x" })
    const parts = { partSize: MiB, threshold: 0 }
    const upload = (key: string) => outcome(Upload.bytes({ key, bytes }, parts))
    expect(yield* withPolicy(policy, upload("in/a"))).toBe("done")
    expect(yield* withPolicy(policy, upload("out/b"))).toBe("AccessDenied")
    expect(yield* withPolicy(policy, outcome(Download.bytes({ key: "out/a" })))).toBe("done")
    expect(yield* withPolicy(policy, outcome(Download.bytes({ key: "in/a" })))).not.toBe("done")
    const unfinished = (prefix: string) => outcome(Cos.listMultipartUploads({ prefix }))
    expect(yield* withPolicy(policy, unfinished("in/a"))).toBe("done")
    expect(yield* withPolicy(policy, unfinished("out/"))).toBe("AccessDenied")
  }).pipe(Effect.provide(World.inProcess()))
)

it.effect("listings, copies, multi-deletes and conditions", () =>
  Effect.gen(function* () {
    yield* Cos.putObject({ key: "a/1", body: "x" })
    yield* Cos.putObject({ key: "b/1", body: "x" })
    const list = (prefix: string) => outcome(Stream.runDrain(Cos.listObjects.items({ prefix })))
    const lists = Policy.allow([Cos.listObjects], { bucket, prefix: "a/" })
    expect(yield* withPolicy(lists, list("a/"))).toBe("done")
    expect(yield* withPolicy(lists, list("a/b"))).toBe("done")
    expect(yield* withPolicy(lists, list("a"))).toBe("AccessDenied")
    expect(yield* withPolicy(lists, outcome(Cos.listObjects()))).toBe("AccessDenied")

    const copy = (from: string, to: string) => outcome(Cos.copyObject({ key: to, source: { key: from } }))
    const copies = Policy.allow([Cos.copyObject], { bucket, prefix: "a/", source: { bucket, keys: ["b/1"] } })
    expect(yield* withPolicy(copies, copy("b/1", "a/2"))).toBe("done")
    expect(yield* withPolicy(copies, copy("a/1", "a/2"))).toBe("AccessDenied")
    expect(yield* withPolicy(copies, copy("b/1", "b/2"))).toBe("AccessDenied")

    const removed = yield* withPolicy(
      Policy.allow([Cos.deleteMultipleObjects], { bucket, prefix: "a/" }),
      Cos.deleteMultipleObjects({ objects: [{ key: "a/1" }, { key: "b/1" }] })
    )
    expect(removed.errors).toMatchObject([{ key: "b/1", code: "AccessDenied" }])

    const small = Policy.allow([Cos.putObject], { bucket }).pipe(
      Policy.when({ numeric_less_than_equal: { "cos:content-length": 3 } })
    )
    expect(yield* withPolicy(small, outcome(Cos.putObject({ key: "k", body: "abc" })))).toBe("done")
    expect(yield* withPolicy(small, outcome(Cos.putObject({ key: "k", body: "abcd" })))).toBe("AccessDenied")
    expect(yield* withPolicy(Policy.allow([Cos.listBuckets], { bucket }), outcome(Cos.listBuckets()))).toBe("done")
  }).pipe(Effect.provide(World.inProcess()))
)
