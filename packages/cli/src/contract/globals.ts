/**
 * The options that every command takes, before its name or after it.
 */
import * as Options from "@effect/cli/Options"
import * as Context from "effect/Context"

const text = (name: string, value: string, description: string) =>
  Options.text(name).pipe(Options.withPseudoName(value), Options.withDescription(description), Options.optional)

const flag = (name: string, description: string) => Options.boolean(name).pipe(Options.withDescription(description))

export const globalOptions = {
  endpoint: text("endpoint", "URL", "another endpoint than COS's own; default: COS_ENDPOINT"),
  region: text("region", "REGION", "such as ap-guangzhou; default: COS_REGION"),
  bucket: text("bucket", "NAME-APPID", "what cos:///key means; default: COS_BUCKET"),
  profile: text("profile", "NAME", "the profile whose keys are used"),
  json: flag("json", "one JSON object a line, as the package's schema says"),
  quiet: flag("quiet", "say nothing but results and errors"),
  debug: flag("debug", "tell every request, without secrets, on standard error")
}

/** What was given of the options of every command. */
export class Globals extends Context.Tag("effect-cos-cli/Globals")<Globals, Globals.Values>() {}

export declare namespace Globals {
  export interface Values {
    readonly endpoint: string | undefined
    readonly region: string | undefined
    readonly bucket: string | undefined
    readonly profile: string | undefined
    readonly json: boolean
    readonly quiet: boolean
    readonly debug: boolean
  }
}
