/** How large the SDK is in a program that uses one operation, bundled from `dist` and minified by esbuild. */

import { gzipSync } from "node:zlib"
import * as Effect from "effect/Effect"
import * as esbuild from "esbuild"
import { Failed, main, root } from "./tool.js"

interface Program {
  readonly name: string
  readonly source: string
  /** The most it may weigh, in bytes after gzip, without effect and @effect/platform, which its user already has. */
  readonly limit: number
  /** Strings of other operations: if one is there, the bundler could not drop what the program does not use. */
  readonly without: ReadonlyArray<string>
}

const programs: ReadonlyArray<Program> = [
  {
    name: "one operation",
    limit: 14_050,
    without: ["getObject", "putObject", "listObjects", "listMultipartUploads", "NoSuchUpload"],
    source: `
      import { CosClient } from "effect-cos/CosClient"
      import * as Cos from "effect-cos/Cos"
      globalThis.program = [CosClient, Cos.headObject({ key: "a" })]`
  },
  {
    name: "a page that puts an object, signed by the server",
    limit: 43_900,
    without: ["listObjects", "listMultipartUploads", "application/atomcat+xml"],
    source: `
      import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
      import * as CosClient from "effect-cos/CosClient"
      import * as Cos from "effect-cos/Cos"
      import * as RemoteSigner from "effect-cos/RemoteSigner"
      globalThis.program = [CosClient.layer(), Cos.putObject({ key: "a" }), RemoteSigner.layer({ url: "/sign" }), FetchHttpClient.layer]`
  },
  {
    name: "a page that uploads a Blob in parts, signed by the server",
    limit: 62_200,
    without: ["selectObjectContent", "application/atomcat+xml"],
    source: `
      import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
      import * as CosClient from "effect-cos/CosClient"
      import * as RemoteSigner from "effect-cos/RemoteSigner"
      import * as Upload from "effect-cos/Upload"
      globalThis.program = [CosClient.layer(), Upload.blob, RemoteSigner.layer({ url: "/sign" }), FetchHttpClient.layer]`
  }
]

const bundle = (source: string, external: Array<string>) =>
  Effect.tryPromise({
    try: () =>
      esbuild.build({
        stdin: { contents: source, resolveDir: root },
        // The package as published; in the workspace its name leads to the sources, which carry no pure annotations.
        alias: { "effect-cos": `${root}/packages/cos/dist` },
        bundle: true,
        minify: true,
        format: "esm",
        platform: "browser",
        target: "es2022",
        external,
        logLevel: "silent",
        metafile: true,
        write: false
      }),
    catch: (cause) => new Failed(String(cause))
  })

main(
  Effect.forEach(programs, ({ limit, name, source, without }) =>
    Effect.gen(function* () {
      const ours = yield* bundle(source, ["effect", "@effect/*"])
      const everything = yield* bundle(source, [])
      const text = ours.outputFiles[0]?.text ?? ""
      const [bytes = 0, whole = 0] = [text, everything.outputFiles[0]?.text ?? ""].map((code) => gzipSync(code).length)
      const modules = Object.keys(ours.metafile.outputs["stdin.js"]?.inputs ?? {})
      const heaviest = Object.entries(ours.metafile.outputs["stdin.js"]?.inputs ?? {}).map(
        ([file, { bytesInOutput }]) => `  ${bytesInOutput} ${file}`
      )
      const report = `${name}: ${bytes} bytes gzipped (limit ${limit}); ${whole} with effect and @effect/platform`
      const kept = [
        ...without.filter((operation) => text.includes(`"${operation}"`)),
        // It reads configurations, and is as large as all the rest of the first program.
        ...modules.filter((file) => file.includes("fast-xml-parser"))
      ]
      if (kept.length > 0) return yield* new Failed(`${name}: the bundle also holds ${kept.join(", ")}`)
      if (bytes > limit) return yield* new Failed([report, ...heaviest].join("\n"))
      console.log(report)
    })
  )
)
