/** Checks who imports whom: no circles at run time, and the arrows of the layout run one way. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import { Failed, main, packages, root } from "../tool.js"

/**
 * A module is named by its path without extension (`cos/src/Upload`, `test/interrupts.test`), anything else by its
 * specifier (`node:fs`, `effect/Effect`). A rule forbids the arrow from `from` to `to`; `deep` also any way around.
 */
interface Rule {
  readonly from: RegExp
  readonly to: RegExp
  readonly deep?: boolean
  readonly why: string
}

const transfers = "(Upload|Download|Copy|TransferQueue|Checkpoint)"

const rules: ReadonlyArray<Rule> = [
  {
    from: /^cos\/src\/operations\//,
    to: RegExp(`^cos/src/${transfers}$`),
    deep: true,
    why: "operations know no transfers"
  },
  { from: /^cos\/src\//, to: /^(emulator|node)\//, why: "packages/cos knows neither the emulator nor Node's layers" },
  { from: /^cos\/src\//, to: /^node:/, why: "packages/cos runs wherever an HttpClient layer runs" },
  { from: /^emulator\/src\//, to: /^cos\/src\/Signature$/, why: "the emulator has its own signature verifier" },
  { from: /^emulator\/src\//, to: /^cos\/src\/(CosClient|index)$/, why: "the emulator knows no client" },
  { from: /^node\/src\//, to: /^emulator\//, why: "packages/node is for production" },
  {
    from: /^(?!cos\/|scripts\/(bench|api)\/)/,
    to: /^cos\/src\/(internal|operations)\//,
    why: "internal to packages/cos, benches and generated docs aside"
  },
  { from: /^(?!node\/)/, to: /^node\/src\/internal\//, why: "internal to packages/node" },
  {
    from: /^(?!emulator\/|scripts\/api\/)/,
    to: /^emulator\/src\/internal\//,
    why: "internal to packages/emulator, the count of operations aside"
  },
  { from: /^\w+\/src\/(?!index$)/, to: /^\w+\/src\/index$/, why: "the index is for users" },
  { from: /^\w+\/src\//, to: /^(effect|@effect\/[\w-]+)$/, why: "import the module: effect/Effect, not effect" }
]

interface Arrow {
  readonly to: string
  /** Erased by the compiler, so it closes no circle at run time. */
  readonly typeOnly: boolean
}

// Biome's format makes these enough: statements start in column 0, which no line of a doc comment does.
const statement =
  /^(?:import|export) (type )?(?:(?:[\w$]+(?:, )?)?(?:\*(?: as [\w$]+)?|\{[^}]*\})?) ?(?:from )?"([^"\n]+)"/gm
const dynamic = /^(?! *(?:\*|\/\/)).*\bimport\("([^"\n]+)"\)/gm

const arrowsOf = (source: string): ReadonlyArray<readonly [specifier: string, typeOnly: boolean]> => [
  ...Array.from(source.matchAll(statement), (match) => [match[2] ?? "", match[1] !== undefined] as const),
  ...Array.from(source.matchAll(dynamic), (match) => [match[1] ?? "", true] as const)
]

const graph = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const name = (file: string) => file.replace(/^packages\//, "").replace(/\.[jt]sx?$/, "")
  const resolve = (from: string, specifier: string) => {
    if (specifier.startsWith(".")) return name(path.join(path.dirname(from), specifier).replaceAll("\\", "/"))
    for (const [folder, npm] of Object.entries(packages)) {
      if (specifier === npm) return `${folder}/src/index`
      if (specifier.startsWith(`${npm}/`)) return `${folder}/src/${specifier.slice(npm.length + 1)}`
    }
    return specifier
  }
  const folders = [
    ...Object.keys(packages).flatMap((p) => [`packages/${p}/src`, `packages/${p}/test`]),
    "test",
    "scripts"
  ]
  const modules = new Map<string, ReadonlyArray<Arrow>>()
  for (const folder of folders) {
    const entries = yield* fs
      .readDirectory(path.join(root, folder), { recursive: true })
      .pipe(Effect.orElseSucceed(() => []))
    for (const entry of entries) {
      if (!entry.endsWith(".ts")) continue
      const file = `${folder}/${entry.replaceAll("\\", "/")}`
      const source = yield* fs.readFileString(path.join(root, file))
      modules.set(
        name(file),
        arrowsOf(source).map(([to, typeOnly]) => ({ to: resolve(file, to), typeOnly }))
      )
    }
  }
  return modules
})

type Graph = Effect.Effect.Success<typeof graph>

/** The first way from `start` (not counted) to a module that `goal` accepts. */
const wayTo = (
  modules: Graph,
  start: string,
  goal: (module: string) => boolean,
  follow: (arrow: Arrow) => boolean
): ReadonlyArray<string> | undefined => {
  const seen = new Set<string>()
  const queue: Array<ReadonlyArray<string>> = [[start]]
  for (let way = queue.shift(); way !== undefined; way = queue.shift()) {
    for (const arrow of (modules.get(way[way.length - 1] ?? "") ?? []).filter(follow)) {
      if (goal(arrow.to)) return [...way, arrow.to]
      if (seen.has(arrow.to)) continue
      seen.add(arrow.to)
      queue.push([...way, arrow.to])
    }
  }
  return undefined
}

const circles = (modules: Graph): ReadonlyArray<string> => {
  const reported = new Set<string>()
  return Array.from(modules.keys()).flatMap((module) => {
    if (reported.has(module)) return []
    const way = wayTo(
      modules,
      module,
      (to) => to === module,
      (arrow) => !arrow.typeOnly
    )
    way?.forEach((member) => {
      reported.add(member)
    })
    return way ? [`circle: ${way.join(" -> ")}`] : []
  })
}

const breaches = (modules: Graph): ReadonlyArray<string> =>
  rules.flatMap(({ deep, from, to, why }) =>
    Array.from(modules.keys())
      .filter((module) => from.test(module))
      .flatMap((module) => {
        const way = wayTo(
          modules,
          module,
          (target) => to.test(target),
          () => true
        )
        return way && (deep || way.length === 2) ? [`${why}: ${way.join(" -> ")}`] : []
      })
  )

main(
  Effect.gen(function* () {
    const modules = yield* graph
    const found = [...circles(modules), ...breaches(modules)]
    if (found.length > 0) return yield* new Failed(found.join("\n"))
    console.log(`${modules.size} modules, no circle, ${rules.length} rules hold`)
  })
)
