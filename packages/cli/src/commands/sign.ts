import * as Args from "@effect/cli/Args"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Presign from "effect-cos/Presign"
import * as Signature from "effect-cos/Signature"
import { nodeHash } from "effect-cos-node/NodeHash"
import * as UndiciTransport from "effect-cos-node/UndiciTransport"
import { parseObject } from "../address.js"
import { withClient } from "../client.js"
import { make } from "../contract/command.js"
import { UsageError } from "../contract/errors.js"
import { Globals } from "../contract/globals.js"
import * as Input from "../contract/input.js"
import { Output } from "../contract/output.js"
import * as Keys from "../keys/keys.js"
import { show } from "../sign/show.js"
import * as Transcript from "../sign/transcript.js"

const options = {
  method: Options.text("method").pipe(
    Options.withAlias("X"),
    Options.withPseudoName("METHOD"),
    Options.withDescription("of the request; default GET"),
    Options.optional
  ),
  header: Options.text("header").pipe(
    Options.withAlias("H"),
    Options.withPseudoName("'NAME: VALUE'"),
    Options.withDescription("a header that was sent, Authorization too; may be given several times"),
    Options.repeated
  ),
  refusal: Options.text("refusal").pipe(
    Options.withPseudoName("FILE"),
    Options.withDescription("what the service responded, or - for standard input"),
    Options.optional
  ),
  action: Args.choice([["explain", "explain" as const]], { name: "explain" }),
  address: Args.text({ name: "url" }).pipe(
    Args.withDescription("what was requested: a URL as it was sent, presigned ones too, or cos://bucket-appid/key"),
    Args.optional
  )
}

const headersOf = (given: ReadonlyArray<string>) =>
  Effect.forEach(given, (header) => {
    const at = header.indexOf(":")
    return at < 1
      ? Effect.fail(
          new UsageError({
            message: `${JSON.stringify(header)} is no header`,
            advice: "Write --header 'Content-Type: text/plain'"
          })
        )
      : Effect.succeed([header.slice(0, at).trim(), header.slice(at + 1).trim()] as const)
  })

/** The URL of an address of COS is made as the SDK makes it. */
const urlOf = (address: string) =>
  /^https?:\/\//i.test(address)
    ? Effect.succeed(address)
    : /^cos:/i.test(address)
      ? Effect.flatMap(parseObject(address), ({ bucket, key }) => withClient(Presign.objectUrl({ bucket, key })))
      : Effect.fail(
          new UsageError({
            message: `${JSON.stringify(address)} is no URL`,
            advice: "Write https://… or cos://bucket-appid/key"
          })
        )

/** The key at hand; without one, what can be said without. */
const accessKeyOf = (globals: Globals.Values) =>
  Effect.map(Keys.search(globals).pipe(Effect.provide(UndiciTransport.layer())), ({ accessKey }) =>
    Option.match(accessKey, {
      onNone: () => undefined,
      onSome: ({ secretId, secretKey }) => ({ secretId, secretKey: Redacted.value(secretKey) })
    })
  )

export const command = make(
  {
    name: "sign",
    summary: "Explain a signature: what was signed, what arrived, and where the two differ",
    description:
      "`cos sign explain` reads a refusal of COS (its XML, or what `curl -v` showed) from standard input, or takes a request " +
      "as options, or both. It prints the canonical request and the string to sign, where the client's and the service's " +
      "differ, character by character, and the likely reason. With the access key, mistakes are tried out, and the one that " +
      "gives the signature that was sent is proven. Nothing is sent; secrets are not shown.",
    examples: [
      ["cos sign explain < refusal.xml", "what is suspicious in a refusal"],
      ["curl -v … 2>&1 | cos sign explain", "a request and its refusal"],
      ["cos sign explain 'https://…?q-sign-algorithm=…'", "whether a presigned URL is right"],
      ["cos sign explain -X PUT -H 'Content-Type: text/plain' cos:///a.txt", "what would be signed"]
    ],
    changes: false
  },
  options,
  ({ address, header, method, refusal }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const globals = yield* Globals
      const path = Option.getOrUndefined(refusal) ?? (Option.isNone(address) ? "-" : undefined)
      if (path === "-" && (yield* Input.isTyped)) yield* output.note("Paste the refusal, then press Ctrl-D.")
      const pasted =
        path === undefined ? { request: undefined, refusal: undefined } : Transcript.read(yield* Input.text(path))
      if (pasted.refusal === undefined && pasted.request === undefined && Option.isNone(address)) {
        return yield* new UsageError({
          message: "there is neither a refusal nor a request in what was read",
          advice: "A refusal has <Error> and <Code> in it; `curl -v` shows requests"
        })
      }
      const headers = yield* headersOf(header)
      const given = Option.isNone(address) ? undefined : yield* urlOf(address.value)
      const request =
        given === undefined && pasted.request === undefined
          ? undefined
          : {
              method: Option.getOrElse(method, () => pasted.request?.method ?? "GET"),
              url: given ?? pasted.request?.url ?? "/",
              headers: [...(pasted.request?.headers ?? []), ...headers]
            }
      const explained = Signature.explain(nodeHash, {
        request,
        refusal: pasted.refusal,
        accessKey: yield* accessKeyOf(globals),
        // A paste may be of any time; what is not sent yet would be sent now.
        sentAt: pasted.refusal === undefined ? new Date() : undefined
      })
      yield* show(explained, { isSigned: request !== undefined && isSigned(request), refusal: pasted.refusal })
    })
)

const isSigned = ({ headers, url }: Signature.SentRequest): boolean =>
  headers.some(([name]) => name.toLowerCase() === "authorization") || /[?&](?:q-signature|sign)=/.test(url)
