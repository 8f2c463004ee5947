import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import type { Glob } from "effect-cos/Glob"
import { parseRemote, print } from "../address.js"
import { withClient } from "../client.js"
import { make } from "../contract/command.js"
import { Output } from "../contract/output.js"
import * as Values from "../contract/values.js"
import * as Format from "../terminal/format.js"
import * as Listing from "../terminal/listing.js"

const options = {
  name: Values.globs("name", "only names that match, from the address on; ** stands for folders"),
  not: Values.globs("not", "no names that match"),
  older: Values.since("older", "written longer ago, or before a day"),
  newer: Values.since("newer", "written since"),
  larger: Values.size("larger", "of more bytes"),
  smaller: Values.size("smaller", "of fewer bytes"),
  storageClass: Values.text("storage-class", "CLASS", "of this storage class"),
  versions: Values.flag("versions", "every version and delete marker"),
  print0: Values.flag("print0", "a NUL after each, for xargs -0"),
  address: Values.address("a bucket or prefix")
}

/** What every name that matches begins with, so that no more is listed. */
const literalOf = (globs: ReadonlyArray<Glob>): string => {
  const [only] = globs
  return globs.length !== 1 || only === undefined ? "" : (/^[^*?[{\\!]*/.exec(only.pattern)?.[0] ?? "")
}

/** What would be read as another address, or as a version: `rm` would remove what nobody has found. */
const manyWords = /[\r\n\t]/

export const command = make(
  {
    name: "find",
    summary: "Find objects by name, age, size and class",
    description:
      "Sizes are 10MiB or 10MB, ages 90m, 12h, 7d. What is found is printed as addresses, which `cos rm -` takes: elsewhere than " +
      "at a terminal a key with a line break or a tab as its line of --json, unless --print0 is given.",
    examples: [
      ["cos find cos:/// --name '**/*.log' --older 30d", "old logs"],
      ["cos find cos:/// --larger 1GiB --json", "what is large, for scripts"],
      ["cos find cos:///tmp/ --older 7d | cos rm --yes -", "and away with it"]
    ],
    changes: false
  },
  options,
  (input) =>
    withClient(
      Effect.gen(function* () {
        const output = yield* Output
        const now = yield* Clock.currentTimeMillis
        const { bucket, key: base } = yield* parseRemote(input.address)
        const [older, newer] = [input.older?.(now), input.newer?.(now)]
        const isFound = (entry: Listing.Entry | Cos.ListedObject): boolean => {
          const name = entry.key.slice(base.length)
          const time = entry.lastModified.getTime()
          const size = "size" in entry ? entry.size : undefined
          const storageClass = "size" in entry ? (entry.storageClass ?? "STANDARD") : undefined
          return (
            (input.name.length === 0 || input.name.some((glob) => glob.matches(name))) &&
            !input.not.some((glob) => glob.matches(name)) &&
            (older === undefined || time < older) &&
            (newer === undefined || time >= newer) &&
            (input.larger === undefined || (size !== undefined && size > input.larger)) &&
            (input.smaller === undefined || (size !== undefined && size < input.smaller)) &&
            (input.storageClass === undefined || storageClass === input.storageClass.toUpperCase())
          )
        }
        const text = (entry: Listing.Entry | Cos.ListedObject) => {
          const address = print({ bucket, key: entry.key })
          if (!output.isTerminal && !input.print0 && manyWords.test(entry.key)) {
            return JSON.stringify({ v: 1, ...Listing.lineOf(bucket, entry) })
          }
          const shown = output.isTerminal ? Format.key(address) : address
          return "versionId" in entry ? `${shown}\t${entry.versionId}` : shown
        }
        const tell = (entry: Listing.Entry | Cos.ListedObject) =>
          output.json || !input.print0
            ? output.line(Listing.lineOf(bucket, entry), () => text(entry))
            : output.text(`${text(entry)}\0`)
        const prefix = base + literalOf(input.name)
        if (input.versions) {
          const pages = Cos.listObjectVersions.pages({ bucket, prefix })
          return yield* Stream.mapConcat(pages, Listing.entriesOf).pipe(Stream.filter(isFound), Stream.runForEach(tell))
        }
        yield* Cos.listObjects.items({ bucket, prefix }).pipe(Stream.filter(isFound), Stream.runForEach(tell))
      })
    )
)
