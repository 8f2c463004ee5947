/**
 * What a command is: its options by `@effect/cli`, its docs, and its body.
 */
import * as Args from "@effect/cli/Args"
import * as CliCommand from "@effect/cli/Command"
import type * as CommandDescriptor from "@effect/cli/CommandDescriptor"
import * as Options from "@effect/cli/Options"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { CommandError } from "./errors.js"
import { Globals, globalOptions } from "./globals.js"
import type { Output } from "./output.js"

/** A command in the list of all, which is loaded when it runs. */
export interface Entry {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<{ readonly command: AnyCommand }>
}

/** All commands, for those that speak of the others. */
export class Commands extends Context.Tag("effect-cos-cli/Commands")<Commands, ReadonlyArray<Entry>>() {}

/** What the program provides. A client is not among it: `withClient` makes one. */
type Around = Commands | Output | FileSystem.FileSystem | Path.Path

/** What the body of a command finds around it. */
export type Services = Globals | Around

/** How a command is described to people. */
export interface Docs {
  readonly name: string
  /** One line, as in the list of commands. */
  readonly summary: string
  /** What else there is to know: paragraphs. */
  readonly description?: string | undefined
  /** Whole lines to be copied, each with what it does. */
  readonly examples: ReadonlyArray<readonly [line: string, what: string]>
  /**
   * Whether it changes something. Then it goes on to the end when nobody reads its output any more; what only reads ends
   * quietly.
   */
  readonly changes: boolean
}

/** A command as the program runs it. */
export interface AnyCommand extends Docs {
  readonly options: ReadonlyArray<Options.Options<unknown>>
  readonly args: ReadonlyArray<Args.Args<unknown>>
  readonly descriptor: CommandDescriptor.Command<unknown>
  readonly run: (parsed: unknown) => Effect.Effect<void, CommandError, Around>
  /** Options of the command that are spelt like one of every command's, and mean something else: it gets its words as they are. */
  readonly raw?: ((words: ReadonlyArray<string>) => Effect.Effect<void, CommandError, Around>) | undefined
}

const orUndefined = Option.getOrUndefined

/** Declares a command. The body gets the decoded options and arguments; the options of every command are in `Globals`. */
export const make = <const Config extends CliCommand.Command.Config>(
  docs: Docs,
  config: Config,
  body: (input: CliCommand.Command.ParseConfig<Config>) => Effect.Effect<void, CommandError, Services>
): AnyCommand => {
  const declared = CliCommand.make(docs.name, { input: config, globals: globalOptions })
  const parts = Object.values(config)
  return {
    ...docs,
    options: [...parts.filter(Options.isOptions), ...Object.values(globalOptions)],
    args: parts.filter(Args.isArgs),
    descriptor: declared.descriptor,
    run: (parsed) => {
      const { globals, input } = parsed as {
        readonly globals: CliCommand.Command.ParseConfig<typeof globalOptions>
        readonly input: CliCommand.Command.ParseConfig<Config>
      }
      return Effect.provideService(body(input), Globals, globalsOf(globals))
    }
  }
}

/** Declares a command that reads its words itself. */
export const makeRaw = (
  docs: Docs,
  raw: (words: ReadonlyArray<string>) => Effect.Effect<void, CommandError, Around>
): AnyCommand => ({
  ...docs,
  options: [],
  args: [],
  descriptor: CliCommand.make(docs.name).descriptor,
  run: () => raw([]),
  raw
})

const globalsOf = (given: CliCommand.Command.ParseConfig<typeof globalOptions>): Globals.Values => ({
  ...given,
  endpoint: orUndefined(given.endpoint),
  region: orUndefined(given.region),
  bucket: orUndefined(given.bucket),
  profile: orUndefined(given.profile)
})
