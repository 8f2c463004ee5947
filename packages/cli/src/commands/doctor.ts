import * as Options from "@effect/cli/Options"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as UndiciTransport from "effect-cos-node/UndiciTransport"
import { optionsOf } from "../client.js"
import { make } from "../contract/command.js"
import { CommandFailed } from "../contract/errors.js"
import { Globals } from "../contract/globals.js"
import { Output } from "../contract/output.js"
import type { Finding } from "../doctor/finding.js"
import * as KeyChecks from "../doctor/keys.js"
import * as Place from "../doctor/place.js"
import * as Service from "../doctor/service.js"
import { proxyOf, settingsOf, standardUrl, withoutPassword } from "../keys/settings.js"
import * as Format from "../terminal/format.js"

const options = {
  origin: Options.text("origin").pipe(
    Options.withPseudoName("URL"),
    Options.withDescription("of a page, such as https://app.example.com: what its browser may do"),
    Options.optional
  ),
  writeTest: Options.boolean("write-test").pipe(
    Options.withDescription("write a small object below cos-doctor/, and delete it; nothing is written otherwise")
  )
}

const marks = { ok: "ok     ", warning: "warning", wrong: "wrong  ", skipped: "-      " } as const
const colors = { ok: 32, warning: 33, wrong: 31, skipped: 2 } as const

const text = ({ advice, check, message, status }: Finding, colored: boolean): string => {
  const mark = colored ? `\u001b[${colors[status]}m${marks[status]}\u001b[0m` : marks[status]
  const line = `${mark}  ${check.padEnd(11)}  ${Format.key(message)}`
  return advice === undefined ? line : `${line}\n${" ".repeat(22)}${Format.key(advice)}`
}

export const command = make(
  {
    name: "doctor",
    summary: "Find out why it does not work: keys, clock, network, region, bucket, permissions, CORS, uploads",
    description:
      "Each line is ok, a warning, or wrong with what to do. Requests are sent once, without corrections, and only read, unless " +
      "--write-test says otherwise. Of a signature that is refused it says what was changed on the way. The exit code is 1 if " +
      "something is wrong.",
    examples: [
      ["cos doctor", "of the default bucket"],
      ["cos doctor --bucket photos-1250000000 --origin https://app.example.com", "what a page may do"],
      ["cos doctor --json", "for programs: `kind` names what is wrong"]
    ],
    changes: false
  },
  options,
  (input) =>
    Effect.gen(function* () {
      const output = yield* Output
      const globals = yield* Globals
      const settings = yield* settingsOf(globals)
      const proxy = yield* proxyOf(settings.endpoint.value ?? standardUrl)
      const client = yield* optionsOf(globals)
      const transport = client.transport ?? {}
      const recorder: Service.Recorder = { request: undefined, sentAt: 0, serverTime: undefined }
      const all: Array<Finding> = []
      const show = (findings: ReadonlyArray<Finding>) =>
        Effect.forEach(findings, (finding) => {
          all.push(finding)
          return output.line({ type: "check", ...finding }, () => text(finding, output.colors.stdout))
        })
      const work = Effect.gen(function* () {
        const keys = yield* KeyChecks.look(globals, yield* Clock.currentTimeMillis)
        yield* show(keys.findings)
        const place = Place.look(settings)
        yield* show(place)
        // The service would only say the same in other words.
        if (!keys.isUsable || place.some(({ status }) => status === "wrong")) return
        const situation: Service.Situation = {
          settings,
          accessKey: keys.accessKey,
          proxy: proxy.value === undefined ? undefined : `${withoutPassword(proxy.value)} (${proxy.from})`,
          transport,
          recorder
        }
        yield* Effect.gen(function* () {
          const { findings, goesOn } = yield* Service.ask(situation)
          yield* show(findings)
          if (!goesOn) return
          yield* show(
            yield* Service.askMore(situation, {
              origin: Option.getOrUndefined(input.origin),
              writes: input.writeTest
            })
          )
        }).pipe(Effect.provide(Service.clientOf(client, keys.accessKey, recorder)))
      })
      yield* Effect.provide(work, UndiciTransport.layer(transport))
      const count = all.filter(({ status }) => status === "wrong").length
      if (count > 0) {
        return yield* new CommandFailed({
          exitCode: 1,
          message: `${Format.count(count, "thing is", "things are")} wrong`
        })
      }
    })
)
