/**
 * The configurations of a bucket, all alike: `get` prints JSON, `put` takes what `get` prints, `delete` removes it.
 */
import * as Effect from "effect/Effect"
import * as Struct from "effect/Struct"
import * as Cos from "effect-cos/Cos"
import type { CosClient } from "effect-cos/CosClient"
import type { CosError } from "effect-cos/CosError"
import type * as Operation from "effect-cos/Operation"
import { print } from "../address.js"
import { inputOf } from "../api/input.js"
import * as Json from "../api/json.js"
import { withClient } from "../client.js"
import { type AnyCommand, make } from "../contract/command.js"
import { UsageError } from "../contract/errors.js"
import * as Input from "../contract/input.js"
import { Output } from "../contract/output.js"
import * as Values from "../contract/values.js"
import { parseBucketOrDefault } from "./mb.js"

interface Configuration {
  readonly name: string
  readonly summary: string
  /** The page that says what it may hold. */
  readonly doc: string
  readonly get: (input: { readonly bucket: string | undefined }) => Effect.Effect<unknown, CosError, CosClient>
  /** The operation checks the document, whatever it is, before it sends anything. */
  readonly put: ((input: any) => Effect.Effect<unknown, CosError, CosClient>) & { readonly spec: Operation.SpecData }
  /** What `get` prints beside what `put` takes. */
  readonly onlyRead?: ReadonlyArray<string>
  readonly delete?: (input: { readonly bucket: string | undefined }) => Effect.Effect<unknown, CosError, CosClient>
}

const page = (number: number) => `https://www.tencentcloud.com/document/product/436/${number}`

const configurations: ReadonlyArray<Configuration> = [
  {
    name: "cors",
    summary: "Read, write or remove the CORS rules of a bucket",
    doc: page(8279),
    get: Cos.getBucketCors,
    put: Cos.putBucketCors,
    delete: Cos.deleteBucketCors
  },
  {
    name: "lifecycle",
    summary: "Read, write or remove the lifecycle rules of a bucket",
    doc: page(8280),
    get: Cos.getBucketLifecycle,
    put: Cos.putBucketLifecycle,
    delete: Cos.deleteBucketLifecycle
  },
  {
    name: "bucket-policy",
    summary: "Read, write or remove the policy of a bucket",
    doc: page(8282),
    get: Cos.getBucketPolicy,
    put: Cos.putBucketPolicy,
    delete: Cos.deleteBucketPolicy
  },
  {
    name: "website",
    summary: "Read, write or remove the website configuration of a bucket",
    doc: page(30596),
    get: Cos.getBucketWebsite,
    put: Cos.putBucketWebsite,
    delete: Cos.deleteBucketWebsite
  },
  {
    name: "referer",
    summary: "Read, write or remove the hotlink protection of a bucket",
    doc: page(31325),
    get: Cos.getBucketReferer,
    put: Cos.putBucketReferer,
    delete: Cos.deleteBucketReferer
  },
  {
    name: "encryption",
    summary: "Read, write or remove the default encryption of a bucket",
    doc: page(35256),
    get: Cos.getBucketEncryption,
    put: Cos.putBucketEncryption,
    delete: Cos.deleteBucketEncryption
  },
  {
    name: "logging",
    summary: "Read or write where the access logs of a bucket go",
    doc: page(31323),
    get: Cos.getBucketLogging,
    put: Cos.putBucketLogging
  },
  {
    name: "replication",
    summary: "Read, write or remove the replication rules of a bucket",
    doc: page(19222),
    get: Cos.getBucketReplication,
    put: Cos.putBucketReplication,
    delete: Cos.deleteBucketReplication
  },
  {
    name: "origin",
    summary: "Read, write or remove the origin rules of a bucket",
    doc: page(31324),
    get: Cos.getBucketOrigin,
    put: Cos.putBucketOrigin,
    delete: Cos.deleteBucketOrigin
  },
  {
    name: "domain",
    summary: "Read, write or remove the custom domains of a bucket",
    doc: page(30590),
    get: Cos.getBucketDomain,
    put: Cos.putBucketDomain,
    onlyRead: ["txtVerification"],
    delete: Cos.deleteBucketDomain
  },
  {
    name: "accelerate",
    summary: "Read or write the global acceleration of a bucket",
    doc: page(38868),
    get: Cos.getBucketAccelerate,
    put: Cos.putBucketAccelerate
  },
  {
    name: "notification",
    summary: "Read or write the notifications of a bucket",
    doc: page(44498),
    get: Cos.getBucketNotification,
    put: Cos.putBucketNotification
  }
]

const commandOf = (configuration: Configuration): AnyCommand => {
  const { name } = configuration
  const actions = configuration.delete === undefined ? (["get", "put"] as const) : (["get", "put", "delete"] as const)
  return make(
    {
      name,
      summary: configuration.summary,
      description: `\`get\` prints JSON, and \`put\` takes it. What it may hold: ${configuration.doc}`,
      examples: [
        [`cos ${name} get cos:/// > ${name}.json`, "of the default bucket"],
        [`cos ${name} put cos:/// < ${name}.json`, "as it was"],
        ...(configuration.delete === undefined ? [] : [[`cos ${name} delete cos:///`, "without a question"] as const])
      ],
      changes: true
    },
    {
      file: Values.text("file", "FILE", "for put: what to write; default: standard input"),
      action: Values.action(actions),
      address: Values.address("the bucket", "bucket")
    },
    (input) =>
      withClient(
        Effect.gen(function* () {
          const output = yield* Output
          const { bucket } = yield* parseBucketOrDefault(input.address)
          const done = (what: "put" | "delete") =>
            Effect.zipRight(
              output.line({ type: "done", what, configuration: name, bucket }, undefined),
              output.note(`${name} of ${print({ bucket, key: "" })} is ${what === "put" ? "written" : "removed"}`)
            )
          if (input.action === "get") {
            const found = Json.toJson(yield* configuration.get({ bucket }))
            return yield* output.line({ type: "configuration", name, bucket, configuration: found }, () =>
              JSON.stringify(found, null, 2)
            )
          }
          if (input.action === "put") {
            const document = yield* Input.json(input.file)
            if (typeof document !== "object" || document === null || Array.isArray(document)) {
              return yield* new UsageError({
                message: "what is put has to be a JSON object",
                advice: `\`cos ${name} get\` prints one`
              })
            }
            const written = Struct.omit(document as Record<string, unknown>, ...(configuration.onlyRead ?? []))
            const whole = yield* inputOf(configuration.put.spec, {
              words: new Map(),
              document: written,
              body: undefined
            })
            yield* configuration.put({ ...whole, bucket })
            return yield* done("put")
          }
          if (configuration.delete !== undefined) {
            yield* configuration.delete({ bucket })
            yield* done("delete")
          }
        })
      )
  )
}

/** The commands by name. */
export const commands: Readonly<Record<string, AnyCommand>> = Object.fromEntries(
  configurations.map((configuration) => [configuration.name, commandOf(configuration)])
)
