/** What people get wrong, and what goes wrong around them: each ends with its exit code, and its reason in one line. */
import { describe, expect, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Emulator } from "effect-cos-emulator"
import * as Cos from "./support/cos.js"
import { folder } from "./support/files.js"

interface Row {
  readonly words: string
  readonly code: number
  /** Of the last line of standard error. */
  readonly says: string
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** `DIR` is a directory with `a`, and with what cannot be read or written. */
const rows: ReadonlyArray<Row> = [
  // misspelt commands and options
  { words: "snyc DIR cos:///x/", code: 2, says: "cos: unknown command snyc. Did you mean sync?" },
  { words: "help snyc", code: 2, says: "cos: unknown command snyc. Did you mean sync?" },
  { words: "sync DIR cos:///x/ --delte", code: 2, says: "cos sync: unknown option --delte. Did you mean --delete?" },
  { words: "rm -R cos:///x/", code: 2, says: "cos rm: unknown option -R. Did you mean -r?" },
  { words: "cp -rx DIR cos:///x/", code: 2, says: "cos cp: unknown option -x. `cos help cp` lists the options." },
  { words: "lifecycle git cos:///", code: 2, says: "cos lifecycle: " },
  {
    words: "api headObjekt cos:///a",
    code: 2,
    says: 'cos api: there is no operation "headObjekt". Did you mean headObject?'
  },
  {
    words: "presign cos:///a --expires 1h",
    code: 2,
    says: "cos presign: unknown option --expires. Did you mean --expires-in?"
  },
  // wrong addresses
  { words: "cp DIR/a cos:/x", code: 2, says: "cos cp: " },
  { words: "cp DIR/a cos://x", code: 2, says: "cos cp: " },
  { words: "cp DIR/a oss://x-1250000000/", code: 2, says: "cos cp: " },
  { words: "cp DIR/a https://x-1250000000.cos.ap-guangzhou.myqcloud.com/a", code: 2, says: "cos cp: " },
  { words: "sync DIR cos://Photos_1/", code: 2, says: "cos sync: " },
  { words: "rm cos:///", code: 2, says: "cos rm: " },
  { words: "cat a.txt", code: 2, says: "cos cat: " },
  { words: "rb cos:///", code: 2, says: "cos rb: " },
  // keys, region, APPID
  {
    words: "ls cos:///",
    code: 5,
    says: "cos ls: ",
    env: { COS_SECRET_ID: undefined, COS_SECRET_KEY: undefined, COS_METADATA_DISABLED: "1" }
  },
  { words: "ls cos:///", code: 5, says: "cos ls: ", env: { COS_SECRET_ID: undefined, COS_METADATA_DISABLED: "1" } },
  { words: "cp DIR/a cos:///x", code: 5, says: "cos cp: ", env: { COS_SECRET_ID: "AKIDnobody" } },
  { words: "ls cos://examplebucket-1250000009/", code: 4, says: "cos ls: cos://examplebucket-1250000009/: " },
  { words: "ls --region Guang! cos:///", code: 2, says: "cos ls: " },
  { words: "cp --profile typo DIR/a cos:///x", code: 5, says: "cos cp: there is no profile" },
  // local files and targets
  { words: "cp DIR/none cos:///x", code: 4, says: "cos cp: DIR/none: no such file or directory." },
  { words: "sync DIR/none cos:///x/ --delete", code: 4, says: "cos sync: " },
  { words: "sync cos:///none/ DIR/a --delete", code: 6, says: "cos sync: " },
  { words: "cors put cos:/// --file DIR/none", code: 4, says: "cos cors: DIR/none: no such file or directory." },
  { words: "apply DIR/a", code: 2, says: "cos apply: " },
  { words: "apply DIR/none", code: 4, says: "cos apply: " },
  { words: "cp DIR/a DIR/b", code: 2, says: "cos cp: neither the source nor the target is in COS." },
  { words: "cp cos:///there DIR/a/b", code: 6, says: "cos cp: " }
]

describe("bad input", () => {
  layer(Cos.layer(), { excludeTestServices: true })((it) => {
    it.scoped(
      "ends with its exit code, and its reason in one line",
      () =>
        Effect.gen(function* () {
          const { run } = yield* Cos.Cos
          const { seed } = yield* Emulator.Emulator
          yield* seed(Cos.bucket, "there", "1")
          const root = yield* folder({ a: "1" })
          const place = (text: string) => text.replaceAll("DIR", root)
          const outcomes = yield* Effect.forEach(rows, ({ code, env, says, words }) =>
            Effect.map(run(place(words), { env }), (ended) => {
              const lines = ended.stderr.trimEnd().split("\n")
              const said = lines.at(-1) ?? ""
              return {
                words,
                code: ended.code,
                lines: lines.length,
                stdout: ended.stdout,
                says: said.startsWith(place(says)) && /[.?)]$/.test(said) ? says : said,
                expected: code
              }
            })
          )
          expect(outcomes).toEqual(
            rows.map(({ code, says, words }) => ({ words, code, lines: 1, stdout: "", says, expected: code }))
          )
        }),
      Cos.patience(60_000)
    )
  })
})
