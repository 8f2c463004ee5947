/** The conformance suite, each form of it in one file that the runtimes load without a loader of TypeScript. */
import * as Effect from "effect/Effect"
import * as esbuild from "esbuild"
import { Failed, root } from "../tool.js"

/**
 * Where the bundles are: what they import is resolved from there. undici is left to the runtime, since Bun has one of its
 * own, and lmdb because it is native.
 */
const folder = `${root}/packages/emulator/node_modules/.cache/runtimes`

/** workerd has no files, and so nothing that the emulator could keep in them. */
const withoutLmdb: esbuild.Plugin = {
  name: "without lmdb",
  setup: ({ onLoad, onResolve }) => {
    onResolve({ filter: /^lmdb$/ }, () => ({ path: "lmdb", namespace: "none" }))
    onLoad({ filter: /.*/, namespace: "none" }, () => ({ contents: "export const open = undefined" }))
  }
}

const common = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  target: "es2022",
  keepNames: true,
  logLevel: "silent"
} satisfies esbuild.BuildOptions

/** CommonJS modules in the bundle ask for `require`, which modules do not have. */
const banner = {
  js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);'
}

const build = (options: esbuild.BuildOptions) =>
  Effect.tryPromise({
    try: () => esbuild.build({ ...common, ...options }),
    catch: (error) => new Failed(String(error))
  })

/** The paths of both bundles. */
export const bundle = Effect.gen(function* () {
  const node = `${folder}/node.mjs`
  const workerd = `${folder}/workerd.mjs`
  yield* build({
    entryPoints: ["test/runtimes/node.ts"],
    outfile: node,
    platform: "node",
    external: ["undici", "lmdb"],
    banner
  })
  yield* build({
    entryPoints: ["test/runtimes/workerd.ts"],
    outfile: workerd,
    platform: "browser",
    conditions: ["workerd", "worker"],
    external: ["node:*"],
    plugins: [withoutLmdb]
  })
  return { node, workerd }
})
