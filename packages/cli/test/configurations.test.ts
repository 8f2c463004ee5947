/** What a bucket or object is set to: `get` prints what `put` takes. */
import { writeFileSync } from "node:fs"
import { describe, expect, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { commands } from "../src/commands.js"
import * as Cos from "./support/cos.js"
import { folder } from "./support/files.js"

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
  accelerate: { status: "Enabled" },
  replication: {
    role: "qcs::cam::uin/100000000001:uin/100000000001",
    rules: [
      {
        id: "all",
        status: "Enabled",
        priority: 1,
        filter: { prefix: "p/", tags: [{ key: "a", value: "b" }] },
        destination: { bucket: "qcs::cos:ap-chengdu::target-1250000000", storageClass: "STANDARD_IA" },
        deleteMarkerReplication: "Enabled"
      }
    ]
  },
  origin: {
    rules: [
      {
        rulePriority: 1,
        originType: "Mirror",
        originCondition: { httpStatusCode: "404", prefix: "missing/" },
        originParameter: { protocol: "HTTPS", followQueryString: true, httpRedirectCode: 302 },
        originInfo: { hosts: [{ hostName: "origin.example.com:8080", weight: 1 }], fileInfo: { prefix: "from/" } },
        httpStandbyCodes: ["404", "500"]
      }
    ]
  },
  domain: {
    rules: [{ status: "ENABLED", name: "files.example.com", type: "REST", forcedReplacement: "TXT" }]
  },
  notification: {
    cloudFunctionConfigurations: [
      {
        id: "a",
        filterRules: [{ name: "Prefix", value: "in/" }],
        cloudFunction: "qcs:0:video:sh:appid/1250000000:video/10010",
        events: ["cos:ObjectCreated:*"]
      }
    ]
  }
}

/** Of a bucket that never had one: the others print one without entries. */
const notFound = ["cors", "lifecycle", "bucket-policy", "website", "encryption", "replication", "origin", "referer"]
const removable = [...notFound, "domain"]

describe("configurations", () => {
  layer(Cos.layer(), { excludeTestServices: true })((it) => {
    it.scoped(
      "get prints what put takes, and delete removes it",
      () =>
        Effect.gen(function* () {
          const { run } = yield* Cos.Cos
          const path = `${yield* folder()}/document.json`
          // Without it there is no replication.
          yield* run("versioning enable cos:///")
          for (const [name, document] of Object.entries(documents)) {
            const put = yield* run(`${name} put cos:///`, { stdin: JSON.stringify(document) })
            expect({ name, code: put.code, stderr: put.stderr }).toEqual({
              name,
              code: 0,
              stderr: `${name} of cos:/// is written\n`
            })
            const got = yield* run(`${name} get cos:///`)
            expect({ name, code: got.code }).toEqual({ name, code: 0 })
            expect(JSON.parse(got.stdout)).toMatchObject(document as object)
            writeFileSync(path, got.stdout)
            const again = yield* run(`${name} put --json --file ${path} cos:///`)
            expect(again).toMatchObject({ code: 0, lines: [{ type: "done", what: "put", configuration: name }] })
            const line = yield* run(`${name} get --json cos:///`)
            expect(line.lines).toMatchObject([{ type: "configuration", name, configuration: JSON.parse(got.stdout) }])
            expect((yield* run(`${name} put cos:///`, { stdin: line.stdout })).code).toBe(0)
          }
          for (const name of removable) {
            expect({ name, code: (yield* run(`${name} delete cos:///`)).code }).toEqual({ name, code: 0 })
            const gone = yield* run(`${name} get cos:///`)
            expect({ name, code: gone.code }).toEqual({ name, code: notFound.includes(name) ? 4 : 0 })
            if (notFound.includes(name)) expect(gone.stdout).toBe("")
            else expect(JSON.parse(gone.stdout)).not.toMatchObject(documents[name] as object)
          }
          yield* run("versioning suspend cos:///")
        }),
      Cos.patience(60_000)
    )

    it.effect("what is no such document is refused before anything is sent", () =>
      Effect.gen(function* () {
        const { run } = yield* Cos.Cos
        const refusals = yield* Effect.forEach(
          ["", "[]", "{", '{"rules":[{"allowedMethods":["FETCH"]}]}'],
          (document) => run("cors put cos:///", { stdin: document })
        )
        expect(refusals.map(({ code, stdout }) => [code, stdout])).toEqual(Array(4).fill([2, ""]))
        const misspelt = yield* run("cors put cos:///", { stdin: '{"rules":[{"allowedOrigin":["*"]}]}' })
        expect(misspelt.stderr).toContain("there is no field rules[0].allowedOrigin: did you mean allowedOrigins?")
        const time = '{"rules":[{"id":"a","status":"Enabled","filter":{},"expiration":{"date":"soon"}}]}'
        expect((yield* run("lifecycle put cos:///", { stdin: time })).stderr).toContain("must be a time such as")
        expect((yield* run("cors gte cos:///")).stderr).toContain('"gte" is none of its actions: get?')
        expect(yield* run("cors put --file /nonexistent/cors.json cos:///")).toMatchObject({ code: 4 })
        expect(yield* run("cors get cos:///a")).toMatchObject({ code: 2 })
      })
    )

    it.effect("the secret of another store is written and not shown, and what is not shown is not written", () =>
      Effect.gen(function* () {
        const { run } = yield* Cos.Cos
        const credentialProvider = { authorizationAlgorithm: "AWS4-HMAC-SHA256", secretId: "id", secretKey: "hushed" }
        const hosts = [{ privateHost: { host: "s3.example.com", credentialProvider } }]
        const rules = [{ originType: "Mirror", originCondition: {}, originInfo: { hosts } }]
        expect(yield* run("origin put cos:///", { stdin: JSON.stringify({ rules }) })).toMatchObject({ code: 0 })
        const got = yield* run("origin get cos:///")
        expect(got.stdout).toContain("<redacted>")
        expect(got.stdout).not.toContain("hushed")
        const again = yield* run("origin put cos:///", { stdin: got.stdout })
        expect(again).toMatchObject({ code: 2, stdout: "" })
        expect(again.stderr).toContain("since secrets are not shown: write the secret itself")
        yield* run("origin delete cos:///")
      })
    )

    it.scoped("tags of objects and buckets, ACLs, and versioning likewise", () =>
      Effect.gen(function* () {
        const { run } = yield* Cos.Cos
        yield* run("put cos:///a.txt", { stdin: "a" })
        expect((yield* run("tag put cos:///a.txt stage=test owner=me")).code).toBe(0)
        const tags = yield* run("tag get cos:///a.txt")
        expect(tags.stdout.split("\n").toSorted()).toEqual(["", "owner=me", "stage=test"])
        expect((yield* run("tag put cos:///", { stdin: tags.stdout })).code).toBe(0)
        expect((yield* run("tag get --json cos:///")).lines).toMatchObject([{ type: "configuration", name: "tag" }])
        expect((yield* run("tag delete cos:///a.txt")).code).toBe(0)
        yield* run("versioning enable cos:///")
        const made = yield* run("put --json cos:///v.txt", { stdin: "a" })
        const id = made.lines.map((line) => ("versionId" in line ? line.versionId : ""))[0]
        yield* run("put cos:///v.txt", { stdin: "b" })
        expect(yield* run(`tag put --version-id ${id} --json cos:///v.txt old=1`)).toMatchObject({ code: 0 })
        expect((yield* run(`tag get --version-id ${id} cos:///v.txt`)).stdout).toBe("old=1\n")
        expect((yield* run("tag get cos:///v.txt")).stdout).toBe("")
        expect(yield* run("tag put cos:///a.txt nonsense")).toMatchObject({ code: 2 })

        expect((yield* run("acl put --canned public-read cos:///a.txt")).code).toBe(0)
        const acl = yield* run("acl get cos:///a.txt")
        expect(JSON.parse(acl.stdout)).toMatchObject({ acl: "public-read" })
        const path = `${yield* folder()}/acl.json`
        writeFileSync(path, acl.stdout)
        expect((yield* run(`acl put --json --file ${path} cos:///a.txt`)).code).toBe(0)
        expect(JSON.parse((yield* run("acl get cos:///a.txt")).stdout).grants).toEqual(JSON.parse(acl.stdout).grants)
        expect((yield* run("acl get --json cos:///")).lines).toMatchObject([
          { name: "acl", configuration: { acl: "private" } }
        ])
        expect(yield* run("acl put --canned bucket-owner-read cos:///")).toMatchObject({ code: 2 })

        expect((yield* run("versioning get cos:///")).stdout).toBe("Enabled\n")
        expect((yield* run("versioning suspend cos:///")).code).toBe(0)
        expect((yield* run("versioning get --json cos:///")).lines).toMatchObject([
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
