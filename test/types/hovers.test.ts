/**
 * What an editor shows when the pointer rests on a function of the SDK: the quick info of TypeScript's language service, with
 * the truncation that editors apply. After a change that is meant: `pnpm vitest test/types/hovers.test.ts -u`.
 */
import { fileURLToPath } from "node:url"
import { assert, it } from "@effect/vitest"
import ts from "typescript-5"
import { expect } from "vitest"

const root = fileURLToPath(new URL("../..", import.meta.url))
const file = `${root}test/types/hovers.example.ts`

const functions = {
  Cos: [
    "putObject",
    "getObject",
    "headObject",
    "deleteObject",
    "copyObject",
    "listObjects",
    "uploadPart",
    "putBucketCors",
    "getBucketLifecycle",
    "selectObjectContent"
  ],
  Upload: ["file", "bytes", "stream", "sink", "controlled"],
  Download: ["file", "stream", "json"],
  Copy: ["object"],
  Sync: ["plan"]
}

/** Fields, of an input, of a list in it and of an output: their docs are shown only where the field is written out. */
const members = [
  `Cos.putObject({ key: "a", /*here*/storageClass: "STANDARD" })`,
  `Cos.putBucketCors({ rules: [{ /*here*/exposeHeaders: [], allowedOrigins: [], allowedMethods: [] }] })`,
  `Effect.map(Cos.headObject({ key: "a" }), (head) => head./*here*/restoreStatus)`
]

const program = [
  `import * as Effect from "effect/Effect"`,
  ...Object.keys(functions).map((module) => `import * as ${module} from "effect-cos/${module}"`),
  ...Object.entries(functions).flatMap(([module, names]) => names.map((name) => `${module}./*here*/${name}`)),
  ...members
].join("\n")

const service = (): ts.LanguageService => {
  const { config } = ts.readConfigFile(`${root}tsconfig.base.json`, ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, root)
  const read = (name: string) => (name === file ? program : ts.sys.readFile(name))
  return ts.createLanguageService({
    getCompilationSettings: () => ({ ...options, noErrorTruncation: false, types: [] }),
    getScriptFileNames: () => [file],
    getScriptVersion: () => "1",
    getScriptSnapshot: (name) => {
      const text = read(name)
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
    },
    getCurrentDirectory: () => root,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (name) => name === file || ts.sys.fileExists(name),
    readFile: read,
    ...(ts.sys.realpath && { realpath: ts.sys.realpath })
  })
}

it("hovers show the types of operations and transfers by name, and the docs of their members", {
  timeout: 60_000
}, async () => {
  const editor = service()
  const shown = Array.from(program.matchAll(/\/\*here\*\/(\w+)/g), ({ 0: match, 1: name, index }) => {
    const info = editor.getQuickInfoAtPosition(file, index + match.length - 1)
    assert.isDefined(info, name)
    const type = ts.displayPartsToString(info?.displayParts)
    return type.startsWith("(property)") ? `${type}\n  ${ts.displayPartsToString(info?.documentation)}\n` : `${type}\n`
  })
  assert.lengthOf(shown, Object.values(functions).flat().length + members.length)
  await expect(shown.join("\n")).toMatchFileSnapshot("./hovers.txt")
})
