import * as Args from "@effect/cli/Args"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Presign from "effect-cos/Presign"
import { expiresOption, readDuration } from "../api/expires.js"
import { fieldsOf } from "../api/input.js"
import { find } from "../api/operations.js"
import * as Words from "../api/words.js"
import { withClient } from "../client.js"
import { type AnyCommand, make, makeRaw } from "../contract/command.js"
import * as CommandLine from "../contract/commandLine.js"
import * as Help from "../contract/help.js"
import { Output } from "../contract/output.js"
import { quote } from "../terminal/shell.js"

const docs = {
  name: "presign",
  summary: "Make a URL that anybody can use until it expires, of any operation; --curl prints a whole command",
  description:
    "`cos presign cos://bucket-appid/key` is a link to an object. `cos presign OPERATION` takes what `cos api OPERATION` " +
    "takes; headers that were signed have to be sent as they are, so --curl shows them. Nothing is sent. Whoever has the URL " +
    "can use it until it expires; temporary keys end what was signed with them.",
  examples: [
    ["cos presign cos:///report.pdf --expires-in 1h", "a link"],
    ["cos presign putObject cos:///in.bin --content-type text/plain --curl", "an upload, as a command"]
  ] as ReadonlyArray<readonly [string, string]>,
  changes: false
}

const own = {
  expires: expiresOption,
  curl: Options.boolean("curl").pipe(Options.withDescription("a command for curl, with the headers to send"))
}

/** A command that somebody else can run as it is. */
export const curlOf = (presigned: {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly hasBody: boolean
  readonly body: Uint8Array | undefined
}): string =>
  [
    "curl",
    ...(presigned.method === "GET" ? [] : presigned.method === "HEAD" ? ["--head"] : ["--request", presigned.method]),
    ...Object.entries(presigned.headers).flatMap(([name, value]) => ["--header", quote(`${name}: ${value}`)]),
    ...(presigned.body !== undefined
      ? ["--data-binary", quote(new TextDecoder().decode(presigned.body))]
      : presigned.hasBody
        ? ["--upload-file", "FILE"]
        : []),
    quote(presigned.url)
  ].join(" ")

const commandOf = (name: string) =>
  Effect.map(find(name), ({ spec }): AnyCommand => {
    const { fields, ...rest } = Words.optionsOf(spec, new Map())
    const config = {
      ...fields,
      "@document": rest.document,
      "@address": rest.address,
      ...("key" in rest ? { "@key": rest.key } : {}),
      ...("uin" in rest ? { "@uin": rest.uin } : {}),
      "@expires": own.expires,
      "@curl": own.curl
    }
    return make({ ...docs, name: `presign ${name}` }, config as {}, (parsed) => {
      const given = parsed as Readonly<Record<string, unknown>>
      const optional = (name: string) => (given[name] as Option.Option<string> | undefined) ?? Option.none()
      return withClient(
        Effect.gen(function* () {
          const output = yield* Output
          const expiresIn = yield* readDuration(optional("@expires"))
          const input = yield* Words.readInput(
            spec,
            {
              fields: Object.fromEntries(
                Object.entries(given).filter(([name]) => !name.startsWith("@"))
              ) as Words.Parsed["fields"],
              document: optional("@document"),
              address: optional("@address"),
              key: optional("@key"),
              uin: optional("@uin")
            },
            { withBody: false }
          )
          const { body, expiresAt, headers, method, url } = yield* Presign.request({ spec } as never, input as never, {
            expiresIn
          })
          const hasBody = fieldsOf(spec).some(({ isBody }) => isBody)
          const plain = { method, url: Redacted.value(url), headers }
          yield* output.line({ type: "presigned", ...plain, expires: expiresAt.toISOString() }, () =>
            given["@curl"] === true
              ? curlOf({ ...plain, hasBody, body })
              : [plain.url, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)].join("\n")
          )
          yield* output.note(`It is valid until ${expiresAt.toISOString()}.`)
        })
      )
    })
  })

const argument = Args.text({ name: "operation" }).pipe(
  Args.withDescription("any of `cos api`; default getObject, of which the address alone is enough")
)

const help = make(docs, { ...own, argument }, () => Effect.void)

const run = (words: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const output = yield* Output
    // Options that every operation takes may come before it.
    const { args, length, options: leading } = yield* CommandLine.read(words, help.options, "presign", true)
    const rest = [...words.slice(length), ...args]
    const [first, ...others] = rest
    if (first === undefined || leading.includes("--help") || first === "--help" || first === "-h") {
      return yield* output.text(Help.ofOne(help))
    }
    const isOperation = !/^cos:/i.test(first) && !first.startsWith("-")
    const name = isOperation ? first : "getObject"
    const more = isOperation ? others : rest
    const command = yield* commandOf(name)
    if (more.includes("--help") || more.includes("-h")) return yield* output.text(Help.ofOne(command))
    const read = yield* CommandLine.read(more, command.options, `presign ${name}`)
    yield* command.run(yield* CommandLine.decode(command, { ...read, options: [...leading, ...read.options] }))
  })

export const command: AnyCommand = { ...makeRaw(docs, run), options: help.options, args: help.args }
