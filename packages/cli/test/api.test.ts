import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as CosModule from "effect-cos/Cos"
import * as Cos from "./support/cos.js"

const names = Object.values(CosModule).flatMap((value) =>
  typeof value === "function" && "spec" in value ? [value.spec.name] : []
)

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "cos-api-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

/** Documents that are put, and read as they were put. */
const documents: ReadonlyArray<readonly [put: string, get: string, document: object]> = [
  [
    "putBucketCors",
    "getBucketCors",
    { rules: [{ allowedOrigins: ["*"], allowedMethods: ["GET"], maxAgeSeconds: 5 }], responseVary: true }
  ],
  [
    "putBucketLifecycle",
    "getBucketLifecycle",
    {
      rules: [
        {
          id: "old",
          status: "Enabled",
          filter: { prefix: "logs/" },
          transitions: [{ date: "2030-01-01T00:00:00.000Z", storageClass: "ARCHIVE" }],
          expiration: { date: "2031-01-01T00:00:00.000Z" }
        }
      ]
    }
  ],
  ["putBucketTagging", "getBucketTagging", { tags: [{ key: "team", value: "a" }] }],
  [
    "putBucketReferer",
    "getBucketReferer",
    { status: "Enabled", refererType: "White-List", domains: ["*.example.com"] }
  ],
  ["putBucketEncryption", "getBucketEncryption", { rules: [{ sseAlgorithm: "AES256" }] }],
  ["putBucketAccelerate", "getBucketAccelerate", { status: "Enabled" }],
  ["putObjectTagging", "getObjectTagging", { key: "a.txt", tags: [{ key: "空", value: "1" }] }]
]

/** Calls that are done one after another, each with what its output has, or how it ends. */
const calls: ReadonlyArray<readonly [words: string, output: object | "nothing" | number]> = [
  ["listBuckets", { buckets: [{ name: Cos.bucket }] }],
  ["headBucket", {}],
  ["getBucketLocation", {}],
  ["putObject cos:///a.txt --body BODY --metadata a=1 --metadata b=x=y --content-type text/plain", { eTag: '"' }],
  ["headObject cos:///a.txt", { contentLength: 6, contentType: "text/plain", metadata: { a: "1", b: "x=y" } }],
  ["headObject --key missing", 4],
  ["putObjectAcl --key a.txt --acl public-read", "nothing"],
  ["getObjectAcl --key a.txt", { grants: [] }],
  [`copyObject --key b.txt --source {"key":"a.txt"} --storage-class STANDARD_IA`, { eTag: '"' }],
  ["listObjects --prefix b --max-keys 1", { contents: [{ key: "b.txt", storageClass: "STANDARD_IA" }] }],
  ["appendObject --key log --position 0 --body BODY", { nextAppendPosition: 6 }],
  ["initiateMultipartUpload --key big", { uploadId: "" }],
  ["listMultipartUploads", { uploads: [{ key: "big" }] }],
  ["optionsObject --key a.txt --origin https://a.example --request-method GET", 5],
  ["getBucketCors", 4],
  ["deleteBucketCors", "nothing"],
  [`deleteMultipleObjects --objects [{"key":"b.txt"}]`, { deleted: [{ key: "b.txt" }] }],
  ["deleteObject --key log --if-match x", 2],
  ["deleteObject --key log", {}],
  ["headObject --key a.txt --version-id nothing", 4]
]

describe("cos api", () => {
  layer(Cos.layer(), { excludeTestServices: true })((it) => {
    it.effect("lists every operation, and helps with each: fields, output, permissions, errors", () =>
      Effect.gen(function* () {
        const { run } = yield* Cos.Cos
        const list = yield* run("api --json")
        expect(list.lines.map((line) => (line.type === "operation" ? line.operation : ""))).toEqual(names.toSorted())
        for (const name of names) {
          const help = yield* run(["api", name, "--help"])
          expect({ name, code: help.code, stderr: help.stderr }).toEqual({ name, code: 0, stderr: "" })
          expect(help.stdout).toMatch(/^Request {6}(GET|PUT|POST|HEAD|DELETE|OPTIONS) /m)
          expect(help.stdout).toMatch(/^Permissions {2}name\/cos:/m)
          const presign = yield* run(["presign", name, "--help"])
          for (const { stdout } of [help, presign]) {
            const options = stdout.match(/^ {2}--[a-z0-9-]+/gm) ?? []
            expect({ name, options }).toEqual({ name, options: [...new Set(options)] })
          }
        }
        const help = yield* run("api getObject --help")
        expect(help.stdout).toMatch(/--response-content-type TEXT/)
        expect(help.stdout).toMatch(/--out FILE/)
        const cors = yield* run("help api")
        expect(cors.stdout).toContain("cos api putBucketLifecycle < rules.json")
        expect(cors.stdout).toMatch(/^cos api \[OPTIONS\] \[OPERATION\] \[ADDRESS\]\n/)
      })
    )

    it.scoped("puts what it gets, in documents", () =>
      Effect.gen(function* () {
        const { run, built } = yield* Cos.Cos
        const path = join(yield* folder, "document.json")
        writeFileSync(path, "{}")
        yield* run(["api", "putObject", "--key", "a.txt", "--body", path])
        for (const [put, get, document] of documents) {
          writeFileSync(path, JSON.stringify(document))
          const first = yield* run(["api", put, "--input-json", path])
          expect({ put, code: first.code, stderr: first.stderr }).toEqual({ put, code: 0, stderr: "" })
          const { key, ...content } = document as { readonly key?: string }
          const read = yield* run(["api", get, ...(key === undefined ? [] : ["--key", key])])
          expect(JSON.parse(read.stdout)).toMatchObject(content)
          // and once more, as it was read
          writeFileSync(path, read.stdout)
          const again = yield* run(["api", put, "--input-json", path, ...(key === undefined ? [] : ["--key", key])])
          expect({ put, code: again.code, stderr: again.stderr }).toEqual({ put, code: 0, stderr: "" })
        }
        // through pipes, as people write it
        const rules = yield* built("api getBucketLifecycle")
        const piped = yield* built("api putBucketLifecycle --json", { stdin: rules.stdout })
        expect(piped).toMatchObject({ code: 0, lines: [{ type: "output", operation: "putBucketLifecycle" }] })
        const others = yield* Effect.forEach(
          ["presign cos:///a.txt", "form cos:///a.txt", "policy getObject"],
          (words) => built(`${words} --json`),
          { concurrency: "unbounded" }
        )
        expect(others.map(({ code, lines: [line] }) => `${code} ${line?.type}`)).toEqual([
          "0 presigned",
          "0 form",
          "0 policy"
        ])
      })
    )

    it.scoped("calls operations one after another", () =>
      Effect.gen(function* () {
        const { run, built } = yield* Cos.Cos
        const dir = yield* folder
        writeFileSync(join(dir, "body"), "hello\n")
        yield* run("api deleteBucketCors")
        for (const [words, output] of calls) {
          const called: Cos.Run = yield* run(["api", ...words.replace("BODY", join(dir, "body")).split(" "), "--json"])
          const expected = typeof output === "number" ? output : 0
          expect({ words, code: called.code, why: expected === 0 ? called.stderr : "" }).toEqual({
            words,
            code: expected,
            why: ""
          })
          if (typeof output === "number") continue
          const [line] = called.lines
          const found = line?.type === "output" ? line.output : undefined
          if (output === "nothing") expect(found).toBeUndefined()
          else {
            const loose = JSON.parse(JSON.stringify(output), (_, value) =>
              typeof value === "string" && (value === "" || value === '"') ? expect.stringContaining(value) : value
            )
            if (!("grants" in output)) expect(found).toMatchObject(loose)
          }
        }
        const file = join(dir, "out")
        const got = yield* run(["api", "getObject", "cos:///a.txt", "--out", file, "--range", `{"start":0,"end":3}`])
        expect(readFileSync(file, "utf8")).toBe("hell")
        expect(JSON.parse(got.stdout)).toMatchObject({ contentType: "text/plain" })
        expect(yield* run("api getObject cos:///a.txt --json")).toMatchObject({ code: 2, stdout: "" })
        // bytes through standard input and output, also such as are no text
        const bytes = new Uint8Array([0, 255, 10, 13, 200])
        expect(yield* built("api putObject --key bin", { stdin: bytes })).toMatchObject({ code: 0 })
        const back = yield* built("api headObject --key bin --json")
        expect(back.lines[0]).toMatchObject({ output: { contentLength: 5 } })
        const all = yield* run("api listObjects --max-keys 1 --all --json")
        expect(all.lines.map((line) => (line.type === "output" ? (line.output as { key: string }).key : ""))).toEqual([
          "a.txt",
          "bin"
        ])
      })
    )

    it.scoped("says what was meant, and what is wrong", () =>
      Effect.gen(function* () {
        const { run } = yield* Cos.Cos
        const path = join(yield* folder, "document.json")
        const failure = (words: ReadonlyArray<string>, document = "{}") =>
          Effect.suspend(() => {
            writeFileSync(path, document)
            return Effect.map(
              run(["api", ...words.map((word) => (word === "DOC" ? path : word))]),
              ({ code, stderr }) => `${code} ${stderr}`
            )
          })
        expect(yield* failure(["putBucketLifecicle"])).toMatch(/^2 .*Did you mean putBucketLifecycle\?/)
        expect(yield* failure(["put-bucket-cors"])).toMatch(/^2 .*Did you mean putBucketCors\?/)
        expect(yield* failure(["xyz"])).toMatch(/^2 .*`cos api` lists them/)
        expect(yield* failure(["headObject", "--versionid", "1", "--key", "a"])).toMatch(
          /^2 .*Did you mean --version-id\?/
        )
        expect(yield* failure(["headObject"])).toMatch(/^2 .*key is missing/)
        expect(yield* failure(["listObjects", "--max-keys", "many"])).toMatch(/^2 .*maxKeys must be a number/)
        expect(yield* failure(["listObjects", "--max-keys", "1", "--max-keys", "2"])).toMatch(/^2 .*given 2 times/)
        expect(yield* failure(["putObject", "--key", "a", "--metadata", "owner"])).toMatch(
          /^2 .*metadata must be a name, =/
        )
        expect(yield* failure(["headObject", "--key", "a", "--if-modified-since", "soon"])).toMatch(
          /^2 .*must be a time/
        )
        expect(yield* failure(["getBucketCors", "cos:///a.txt"])).toMatch(/^2 .*about a bucket/)
        expect(yield* failure(["putBucketCors", "--input-json", "DOC"], "rules")).toMatch(/^2 .*not JSON/)
        expect(yield* failure(["putBucketCors", "--input-json", "DOC"], "[]")).toMatch(/^2 .*JSON object/)
        expect(yield* failure(["putBucketCors", "--input-json", "DOC"], `{"rule":[]}`)).toMatch(
          /^2 .*no field rule: did you mean rules\?/
        )
        expect(yield* failure(["putBucketCors", "--input-json", "DOC"], `{"rules":[{"allowedOrigin":"*"}]}`)).toMatch(
          /^2 .*no field rules\[0\]\.allowedOrigin: did you mean allowedOrigins\?/
        )
        expect(yield* failure(["putBucketCors", "--input-json", "DOC"], `{"rules":[{"allowedOrigins":"*"}]}`)).toMatch(
          /^2 .*rules/
        )
        expect(yield* failure(["putBucketCors", "--input-json", "/nonexistent"])).toMatch(/^4 /)
      })
    )
  })
})
