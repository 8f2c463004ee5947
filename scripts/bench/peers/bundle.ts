/** What one operation weighs in a bundle, minified. */
import * as Esbuild from "esbuild"
import type { Variant } from "../variants.js"

interface Program {
  readonly source: string
  readonly platform: "browser" | "node"
}

const programs = {
  ours: {
    source: `
      import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
      import * as Cos from "effect-cos/Cos"
      import * as CosClient from "effect-cos/CosClient"
      import * as Credentials from "effect-cos/Credentials"
      globalThis.program = [Cos.headObject, CosClient.layer, Credentials.layerStatic, FetchHttpClient.layer]`,
    platform: "browser"
  },
  official: {
    source: 'import COS from "cos-nodejs-sdk-v5"; globalThis.program = COS',
    platform: "node"
  },
  aws: {
    source:
      'import { HeadObjectCommand, S3Client } from "@aws-sdk/client-s3"; globalThis.program = [S3Client, HeadObjectCommand]',
    platform: "browser"
  }
} satisfies Record<string, Program>

/** Ours is bundled as published: the sources carry no pure annotations. */
export const bundled =
  (name: keyof typeof programs): Variant =>
  () =>
  async () => {
    const { platform, source } = programs[name]
    const { outputFiles } = await Esbuild.build({
      stdin: { contents: source, resolveDir: process.cwd() },
      alias: { "effect-cos": `${process.cwd()}/packages/cos/dist` },
      bundle: true,
      minify: true,
      format: "esm",
      platform,
      target: "es2022",
      logLevel: "error",
      write: false
    })
    return { size: (outputFiles[0]?.contents.length ?? Number.NaN) / 1000 }
  }
