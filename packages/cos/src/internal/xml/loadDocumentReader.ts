/** The document parser. Its library is loaded with the first document that needs it: most programs never read one. */
import * as Effect from "effect/Effect"
import * as documentReader from "./documentReader.js"

let loaded: documentReader.Parse | undefined

export const loadDocumentReader: Effect.Effect<documentReader.Parse> = Effect.suspend(() =>
  loaded === undefined
    ? Effect.map(
        Effect.promise(() => import("fast-xml-parser")),
        ({ XMLParser }) => {
          loaded = documentReader.make(XMLParser)
          return loaded
        }
      )
    : Effect.succeed(loaded)
)
