/**
 * Runs SQL over a CSV object, in the service, and prints the records as they come.
 *
 * `npx tsx select.ts people.csv "select s.name from COSObject s where s.city = 'Paris'"`
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Option, Stream } from "effect"
import * as Cos from "effect-cos/Cos"
import { NodeCos } from "effect-cos-node"

const [key = "people.csv", expression = "select * from COSObject"] = process.argv.slice(2)

const lines = Cos.selectObjectContent({
  key,
  expression,
  input: { csv: { fileHeaderInfo: "USE" } },
  output: { csv: {} }
}).pipe(
  Stream.filterMap((event) => (event._tag === "Records" ? Option.some(event.bytes) : Option.none())),
  Stream.decodeText(),
  Stream.splitLines
)

NodeRuntime.runMain(Effect.provide(Stream.runForEach(lines, Console.log), NodeCos.layerEnv))
