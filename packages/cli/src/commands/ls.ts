import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import { parseRemote, type Remote } from "../address.js"
import { withClient } from "../client.js"
import { make } from "../contract/command.js"
import { Output } from "../contract/output.js"
import * as Values from "../contract/values.js"
import * as Format from "../terminal/format.js"
import * as Listing from "../terminal/listing.js"

const options = {
  recursive: Values.flag("recursive", "everything below, instead of one level", "r"),
  versions: Values.flag("versions", "every version and delete marker"),
  limit: Values.count("limit", "N", "stop after N entries"),
  address: Values.argumentOrNot(Values.address("a bucket or prefix; without it, the buckets are listed"))
}

/** Two lists, each in order, as one: the service counts both against a page. */
const merged = <A extends { readonly name: string }>(prefixes: ReadonlyArray<A>, others: ReadonlyArray<A>) =>
  prefixes.length === 0
    ? others
    : [...prefixes, ...others].toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))

const atMost =
  (limit: number | undefined) =>
  <A, E, R>(self: Stream.Stream<A, E, R>): Stream.Stream<A, E, R> =>
    limit === undefined ? self : Stream.take(self, limit)

const buckets = (output: Output.Service, limit: number | undefined) =>
  Cos.listBuckets.items({}).pipe(
    atMost(limit),
    Stream.runForEach(({ creationDate, location, name }) =>
      output.line(
        { type: "bucket", bucket: name, region: location, created: creationDate.toISOString() },
        () => `${Format.time(creationDate)}  ${location.padEnd(16)}  ${name}`
      )
    )
  )

/** One level, or everything, in order of the names. */
const objects = (
  output: Output.Service,
  { bucket, key: prefix }: Remote,
  recursive: boolean,
  limit: number | undefined
) =>
  Cos.listObjects
    .pages({ bucket, prefix, delimiter: recursive ? undefined : "/", maxKeys: Math.min(1000, limit ?? 1000) })
    .pipe(
      Stream.mapConcat(({ commonPrefixes, contents }) =>
        merged(
          commonPrefixes.map((name) => ({ name, print: Listing.prefix(output, bucket, name) })),
          contents.map((object) => ({ name: object.key, print: Listing.object(output, bucket, object) }))
        )
      ),
      atMost(limit),
      Stream.runForEach(({ print }) => print)
    )

const versions = (
  output: Output.Service,
  { bucket, key: prefix }: Remote,
  recursive: boolean,
  limit: number | undefined
) =>
  Cos.listObjectVersions
    .pages({ bucket, prefix, delimiter: recursive ? undefined : "/", maxKeys: Math.min(1000, limit ?? 1000) })
    .pipe(
      Stream.mapConcat((page) =>
        merged(
          page.commonPrefixes.map((name) => ({ name, print: Listing.prefix(output, bucket, name) })),
          Listing.entriesOf(page).map((entry) => ({ name: entry.key, print: Listing.version(output, bucket, entry) }))
        )
      ),
      atMost(limit),
      Stream.runForEach(({ print }) => print)
    )

export const command = make(
  {
    name: "ls",
    summary: "List buckets, or the objects below an address",
    description: "An empty list is no failure. Times are in UTC.",
    examples: [
      ["cos ls", "the buckets"],
      ["cos ls cos://photos-1250000000/2026/", "one level below a prefix"],
      ["cos ls -r --json cos:///", "every object of the default bucket, for scripts"]
    ],
    changes: false
  },
  options,
  (input) =>
    withClient(
      Effect.gen(function* () {
        const output = yield* Output
        const { address, limit, recursive } = input
        if (address === undefined) return yield* buckets(output, limit)
        const remote = yield* parseRemote(address)
        yield* (input.versions ? versions : objects)(output, remote, recursive, limit)
      })
    )
)
