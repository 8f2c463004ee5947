/** What a bucket or object is set to: `get` prints what `put` takes. */
import { describe, expect, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { commands } from "../src/commands.js"
import * as Cos from "./support/cos.js"

/** A document of each configuration. */
const documents: Readonly<Record<string, unknown>> = {
  cors: { rules: [{ allowedOrigins: ["https://example.com"], allowedMethods: ["GET"], exposeHeaders: ["ETag"] }] },
  lifecycle: {
    rules: [
      { id: "old", status: "Enabled", filter: { prefix: "logs/" }, expiration: { days: 30 } },
      { id: "day", status: "Enabled", filter: { prefix: "x/" }, expiration: { date: "2030-01-01T00:00:00.000Z" } }
    ]
  },
  "bucket-policy": {
    policy: {
      version: "2.0",
      statement: [
        {
          effect: "allow",
          principal: { qcs: ["qcs::cam::anyone:anyone"] },
          action: ["name/cos:GetObject"],
          resource: ["qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/*"]
        }
      ]
    }
  },
  website: { indexDocument: "index.html" },
  referer: { status: "Enabled", refererType: "White-List", domains: ["example.com"] },
  encryption: { rules: [{ sseAlgorithm: "AES256" }] },
  logging: { loggingEnabled: { targetBucket: Cos.bucket, targetPrefix: "logs/" } },
  accelerate: { status: "Enabled" }
}

describe("configurations", () => {
  layer(Cos.layer(), { excludeTestServices: true })((it) => {
    it.effect("get prints what put takes, and delete removes it", () =>
      Effect.gen(function* () {
        const { here } = yield* Cos.Cos
        for (const [name, document] of Object.entries(documents)) {
          const put = yield* here(`${name} put cos:///`, { stdin: JSON.stringify(document) })
          expect({ name, code: put.code, stderr: put.stderr }).toEqual({
            name,
            code: 0,
            stderr: `${name} of cos:/// is written\n`
          })
          const got = yield* here(`${name} get cos:///`)
          expect({ name, code: got.code }).toEqual({ name, code: 0 })
          expect(JSON.parse(got.stdout)).toMatchObject(document as object)
          const again = yield* here(`${name} put --json cos:///`, { stdin: got.stdout })
          expect(again).toMatchObject({ code: 0, lines: [{ type: "done", what: "put", configuration: name }] })
          const line = yield* here(`${name} get --json cos:///`)
          expect(line.lines).toMatchObject([{ type: "configuration", name, configuration: JSON.parse(got.stdout) }])
          expect((yield* here(`${name} put cos:///`, { stdin: line.stdout })).code).toBe(0)
        }
        for (const name of ["cors", "lifecycle", "bucket-policy", "website", "encryption"]) {
          expect((yield* here(`${name} delete cos:///`)).code).toBe(0)
          const gone = yield* here(`${name} get cos:///`)
          expect({ name, code: gone.code, stdout: gone.stdout }).toEqual({ name, code: 4, stdout: "" })
        }
      })
    )

    it.effect("what is no such document is refused before anything is sent", () =>
      Effect.gen(function* () {
        const { here } = yield* Cos.Cos
        const refusals = yield* Effect.forEach(
          ["", "[]", "{", '{"rules":[{"allowedMethods":["FETCH"]}]}'],
          (document) => here("cors put cos:///", { stdin: document })
        )
        expect(refusals.map(({ code, stdout }) => [code, stdout])).toEqual(Array(4).fill([2, ""]))
        expect((yield* here("cors gte cos:///")).stderr).toContain('"gte" is none of its actions: get?')
        expect(yield* here("cors put --file /nonexistent/cors.json cos:///")).toMatchObject({ code: 4 })
        expect(yield* here("cors get cos:///a")).toMatchObject({ code: 2 })
      })
    )

    it.effect("tags of objects and buckets, ACLs, and versioning likewise", () =>
      Effect.gen(function* () {
        const { here } = yield* Cos.Cos
        yield* here("put cos:///a.txt", { stdin: "a" })
        expect((yield* here("tag put cos:///a.txt stage=test owner=me")).code).toBe(0)
        const tags = yield* here("tag get cos:///a.txt")
        expect(tags.stdout.split("\n").toSorted()).toEqual(["", "owner=me", "stage=test"])
        expect((yield* here("tag put cos:///", { stdin: tags.stdout })).code).toBe(0)
        expect((yield* here("tag get --json cos:///")).lines).toMatchObject([{ type: "configuration", name: "tag" }])
        expect((yield* here("tag delete cos:///a.txt")).code).toBe(0)
        expect(yield* here("tag put cos:///a.txt nonsense")).toMatchObject({ code: 2 })

        expect((yield* here("acl put --canned public-read cos:///a.txt")).code).toBe(0)
        const acl = yield* here("acl get cos:///a.txt")
        expect(JSON.parse(acl.stdout)).toMatchObject({ acl: "public-read" })
        expect((yield* here("acl put cos:///a.txt", { stdin: acl.stdout })).code).toBe(0)
        expect(JSON.parse((yield* here("acl get cos:///a.txt")).stdout).grants).toEqual(JSON.parse(acl.stdout).grants)
        expect((yield* here("acl get --json cos:///")).lines).toMatchObject([
          { name: "acl", configuration: { acl: "private" } }
        ])
        expect(yield* here("acl put --canned bucket-owner-read cos:///")).toMatchObject({ code: 2 })

        expect((yield* here("versioning get cos:///")).stdout).toBe("Never\n")
        expect((yield* here("versioning suspend cos:///")).code).toBe(0)
        expect((yield* here("versioning get --json cos:///")).lines).toMatchObject([
          { configuration: { status: "Suspended" } }
        ])
      })
    )

    it.effect("every command says in its help what the list says of it, and has examples", () =>
      Effect.gen(function* () {
        for (const { load, name, summary } of commands) {
          const { command } = yield* Effect.promise(load)
          expect({ name: command.name, summary: command.summary }).toEqual({ name, summary })
          expect(command.examples.length, name).toBeGreaterThan(0)
        }
      })
    )
  })
})
