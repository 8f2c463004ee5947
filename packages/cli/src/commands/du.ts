import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import { parseRemote, print } from "../address.js"
import { withClient } from "../client.js"
import { make } from "../contract/command.js"
import { Output } from "../contract/output.js"
import * as Values from "../contract/values.js"
import * as Format from "../terminal/format.js"

interface Sum {
  objects: number
  bytes: number
}

const add = (sums: Map<string, Sum>, name: string, bytes: number) => {
  const sum = sums.get(name)
  if (sum === undefined) sums.set(name, { objects: 1, bytes })
  else {
    sum.objects += 1
    sum.bytes += bytes
  }
}

/** The folder of a key, at most so many levels below the prefix. */
const folderOf = (key: string, prefix: string, depth: number): string => {
  let at = prefix.length
  for (let level = 0; level < depth; level++) {
    const next = key.indexOf("/", at)
    if (next < 0) break
    at = next + 1
  }
  return key.slice(0, at)
}

const row = ({ bytes, objects }: Sum, name: string) =>
  `${Format.bytes(bytes).padStart(10)}  ${Format.count(objects, "object").padStart(16)}  ${Format.key(name)}`

export const command = make(
  {
    name: "du",
    summary: "Add up what lies below an address, by folder",
    examples: [
      ["cos du cos:///", "the folders of the default bucket, and the total"],
      ["cos du --depth 2 --versions cos://photos-1250000000/2026/", "two levels, old versions too"]
    ],
    changes: false
  },
  {
    depth: Values.count("depth", "N", "so many levels of folders; default: 1"),
    versions: Values.flag("versions", "count every version, as they are paid for"),
    address: Values.address("a bucket or prefix")
  },
  (input) =>
    withClient(
      Effect.gen(function* () {
        const output = yield* Output
        const { bucket, key: prefix } = yield* parseRemote(input.address)
        const sums = new Map<string, Sum>()
        const classes = new Map<string, Sum>()
        const total: Sum = { objects: 0, bytes: 0 }
        const count = ({ key, size, storageClass = "STANDARD" }: Cos.ListedObject | Cos.ObjectVersion) => {
          add(sums, folderOf(key, prefix, input.depth ?? 1), size)
          add(classes, storageClass, size)
          total.objects += 1
          total.bytes += size
        }
        const pages: Stream.Stream<
          ReadonlyArray<Cos.ListedObject | Cos.ObjectVersion>,
          Stream.Stream.Error<ReturnType<typeof Cos.listObjects.pages>>,
          Stream.Stream.Context<ReturnType<typeof Cos.listObjects.pages>>
        > = input.versions
          ? Stream.map(Cos.listObjectVersions.pages({ bucket, prefix }), ({ versions }) => versions)
          : Stream.map(Cos.listObjects.pages({ bucket, prefix }), ({ contents }) => contents)
        yield* Stream.runForEach(pages, (page) => Effect.sync(() => page.forEach(count)))
        for (const [name, sum] of sums) {
          yield* output.line({ type: "usage", bucket, prefix: name, ...sum }, () =>
            row(sum, name === "" ? print({ bucket, key: "" }) : name)
          )
        }
        const byClass = Object.fromEntries([...classes].toSorted(([a], [b]) => (a < b ? -1 : 1)))
        yield* output.line({ type: "total-usage", bucket, prefix, ...total, classes: byClass }, () =>
          row(total, `in all of ${print({ bucket, key: prefix })}`)
        )
      })
    )
)
