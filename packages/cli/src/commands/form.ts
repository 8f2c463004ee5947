import * as Args from "@effect/cli/Args"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Presign from "effect-cos/Presign"
import type { Condition } from "effect-cos/Signature"
import { parseObject } from "../address.js"
import { expiresOption, readDuration } from "../api/expires.js"
import { withClient } from "../client.js"
import { make } from "../contract/command.js"
import { UsageError } from "../contract/errors.js"
import { Output } from "../contract/output.js"
import { quote } from "../terminal/shell.js"

const text = (name: string, pseudo: string, description: string) =>
  Options.text(name).pipe(Options.withPseudoName(pseudo), Options.withDescription(description), Options.optional)

const options = {
  expires: expiresOption,
  maxSize: Options.integer("max-size").pipe(
    Options.withPseudoName("BYTES"),
    Options.withDescription("the largest file"),
    Options.optional
  ),
  minSize: Options.integer("min-size").pipe(
    Options.withPseudoName("BYTES"),
    Options.withDescription("the smallest file; with --max-size"),
    Options.optional
  ),
  contentType: text("content-type", "TYPE", "the file's type, which is then fixed"),
  acl: text("acl", "ACL", "such as private or public-read"),
  storageClass: text("storage-class", "CLASS", "such as STANDARD_IA"),
  condition: Options.text("condition").pipe(
    Options.withPseudoName("JSON"),
    Options.withDescription(
      `more conditions, such as '["starts-with","$Content-Type","image/"]'; may be given several times`
    ),
    Options.repeated
  ),
  redirect: text("redirect", "URL", "where a browser goes after success"),
  address: Args.text({ name: "address" }).pipe(
    Args.withDescription(`cos://bucket-appid/key; \${filename} in it is the name of the file`)
  )
}

const isCondition = (value: unknown): value is Condition =>
  (Array.isArray(value) && value.length === 3) || (typeof value === "object" && value !== null && !Array.isArray(value))

const conditionOf = (given: string): Effect.Effect<Condition, UsageError> =>
  Effect.try({
    try: (): unknown => JSON.parse(given),
    catch: () => undefined
  }).pipe(
    Effect.orElseSucceed(() => undefined),
    Effect.filterOrFail(
      isCondition,
      () =>
        new UsageError({
          message: `${given} is no condition`,
          advice: `Write --condition '["eq","$Content-Type","image/png"]'`
        })
    )
  )

export const command = make(
  {
    name: "form",
    summary: "Make a form that uploads one file until it expires (POST Object), as a command for curl",
    description:
      "Nothing is sent. Whoever has the fields can upload one file at a time within what they fix, until they expire. With " +
      "--json: the fields for a form of a page, in which `file` goes last.",
    examples: [
      [`cos form 'cos:///in/\${filename}' --max-size 10000000`, "any file of up to 10 MB below in/"],
      ["cos form cos:///a.png --content-type image/png --expires-in 1h --json", "for a page"]
    ],
    changes: false
  },
  options,
  (input) =>
    withClient(
      Effect.gen(function* () {
        const output = yield* Output
        const { bucket, key } = yield* parseObject(input.address)
        const orUndefined = Option.getOrUndefined
        const max = orUndefined(input.maxSize)
        if (max === undefined && Option.isSome(input.minSize)) {
          return yield* new UsageError({ message: "--min-size goes with --max-size" })
        }
        const form = yield* Presign.form(
          {
            bucket,
            key,
            contentType: orUndefined(input.contentType),
            acl: orUndefined(input.acl) as "private" | undefined,
            storageClass: orUndefined(input.storageClass),
            successActionRedirect: orUndefined(input.redirect)
          },
          {
            expiresIn: yield* readDuration(input.expires),
            size: max === undefined ? undefined : { min: orUndefined(input.minSize), max },
            conditions: yield* Effect.forEach(input.condition, conditionOf)
          }
        )
        const fields = Redacted.value(form.fields)
        yield* output.line({ type: "form", url: form.url, fields, expires: form.expiresAt.toISOString() }, () =>
          [
            "curl",
            ...Object.entries(fields).flatMap(([name, value]) => ["--form-string", quote(`${name}=${value}`)]),
            "--form file=@FILE",
            quote(form.url)
          ].join(" ")
        )
        yield* output.note(`It is valid until ${form.expiresAt.toISOString()}.`)
      })
    )
)
