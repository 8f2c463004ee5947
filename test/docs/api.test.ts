/** The docs that are made of the declarations, against the declarations as they are now. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { describe, expect, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { parameters, specs } from "../../scripts/api/facts.js"
import { verify } from "../../scripts/api/migration.js"
import { forms } from "../../scripts/api/migrationExceptions.js"
import { methods } from "../../scripts/api/official.js"
import { directory, pages, stale } from "../../scripts/api/pages.js"
import { docsOf, exportsOf, groups } from "../../scripts/api/source.js"
import { root } from "../../scripts/tool.js"

describe("docs", () => {
  layer(NodeFileSystem.layer)((it) => {
    it.effect("every page is as `pnpm docs:api` makes it, and the migration table lacks nothing", () =>
      Effect.gen(function* () {
        expect(yield* stale).toEqual([])
      })
    )

    it.effect("the reference has every operation with all its parameters, each explained", () =>
      Effect.gen(function* () {
        const all = yield* pages
        expect(specs.size).toBe(groups.flatMap(exportsOf).filter((name) => specs.has(name)).length)
        for (const [name, spec] of specs) {
          const group = groups.find((group) => exportsOf(group).includes(name)) ?? ""
          const unexplained = parameters(spec)
            .map(({ path }) => path.replaceAll("[]", "").split("."))
            .filter((path) => docsOf(group, name, "params", ...path) === undefined)
          expect([name, unexplained]).toEqual([name, []])
          const page = all.find(({ path }) => path === `reference/${group}.md`)?.text ?? ""
          const section = page.split(/^## /m).find((section) => section.startsWith(`${name}\n`)) ?? ""
          for (const { path } of parameters(spec)) expect(section).toContain(`| \`${path}\``)
        }
      })
    )

    it.effect("the comment of an operation links the page of its declaration", () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const seen = yield* Effect.forEach(groups, (group) =>
          Effect.map(fs.readFileString(`${root}/packages/cos/src/operations/${group}.ts`), (text) =>
            Array.from(text.matchAll(/@see (\S+)\n(?: \*.*\n)* \*\/\nexport const (\w+)/g), ([, page, name]) => [
              name,
              page
            ])
          )
        )
        const declared = Array.from(specs.values(), ({ doc, name }) => [name, doc])
        expect(Object.fromEntries(seen.flat())).toEqual(Object.fromEntries(declared))
      })
    )

    it.effect("the table of transfers names only what exists", () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        expect(verify(yield* fs.readFileString(`${directory}/transfers.md`))).toEqual([])
        expect(verify("`partSize` of `Upload.UploadOptions`, `Upload.file`")).toEqual([])
        expect(verify("`partsize` of `Upload.UploadOptions`, `Upload.files2`").length).toBe(2)
      })
    )

    it.effect("every transfer has an example and states its memory", () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const isTransfer = /@category (uploads|downloads|copies|many|cleaning|sync|constructors|layers)\n/
        const lacking: Array<string> = []
        let found = 0
        for (const module of ["Upload", "Download", "Copy", "TransferQueue", "Sync"]) {
          const source = yield* fs.readFileString(`${directory}/../src/${module}.ts`)
          const [overview = ""] = source.split("*/")
          for (const [, doc = "", name] of source.matchAll(/\/\*\*\n((?: \*.*\n)+?) \*\/\n(?:export )?const (\w+)/g)) {
            if (!isTransfer.test(doc)) continue
            found += 1
            if (!doc.includes("@example")) lacking.push(`${module}.${name}: example`)
            if (!/memory/i.test(doc) && !/memory/i.test(overview)) lacking.push(`${module}.${name}: memory`)
          }
        }
        for (const module of ["Checkpoint", "Progress"]) {
          const [overview = ""] = (yield* fs.readFileString(`${directory}/../src/${module}.ts`)).split("*/")
          if (!overview.includes("@example")) lacking.push(`${module}: example`)
        }
        expect(lacking).toEqual([])
        expect(found).toBe(31)
      })
    )

    it.effect("the migration table has every form of getObjectUrl", () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const text = yield* fs.readFileString(`${directory}/migration.md`)
        const section = text.split(/^## /m).find((section) => section.startsWith("getObjectUrl\n")) ?? ""
        const lines = section.split("\n").filter((line) => line.startsWith("| "))
        for (const method of ["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS"]) {
          expect(lines.filter((line) => line.startsWith(`| \`Method: "${method}"\``)).length).toBe(1)
        }
        for (const form of [
          /^\| a bucket: without `Key`/,
          /access key comes later/,
          /^\| `ForceSignHost`/,
          /^\| `Headers`/
        ]) {
          expect(lines.filter((line) => form.test(line)).length).toBe(1)
        }
      })
    )

    it.effect(
      "the migration table has every method of the official SDK, with every field that it takes and gives",
      () =>
        Effect.gen(function* () {
          const fs = yield* FileSystem.FileSystem
          const sections = (yield* fs.readFileString(`${directory}/migration.md`)).split(/^## /m)
          expect(methods.length).toBe(90)
          for (const { name, params, results } of methods) {
            const section = sections.find((section) => section.startsWith(`${name}\n`)) ?? ""
            expect(section).not.toMatch(/\|\s*\|$/m)
            const common = /^(files\[\]\.)?(Bucket|Region|Key|Headers|Query|statusCode|headers|RequestId)$/
            for (const path of params) if (!common.test(path)) expect(section).toContain(`| \`${path}\` |`)
            for (const path of results) if (!common.test(path)) expect(section).toContain(`| → \`${path}\` |`)
            for (const [there, here] of forms[name] ?? []) expect(section).toContain(`| ${there} | ${here} |`)
          }
        })
    )
  })
})
