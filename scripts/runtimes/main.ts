/**
 * `pnpm test:runtimes [--fast] [name…]`: the conformance suite of `test/runtimes` on every runtime, against one emulator on
 * a port. `--fast` runs the part that `pnpm test` has time for; a name such as `Bun` picks rows of the table.
 *
 * Binaries come from npm when they are needed. Where that does not work, a line says so; outside of CI the fast part goes on
 * without that runtime. The last line is `N passed, N failed`.
 */

import type { AddressInfo } from "node:net"
import { createServer } from "node:net"
import * as Command from "@effect/platform/Command"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { Emulator, layerServer } from "effect-cos-emulator/Emulator"
import { type Config, type Result, suites, type Transport } from "../../test/runtimes/model.js"
import { Failed, main, type Outcome, run } from "../tool.js"
import { type Binary, binary, type Runtime } from "./binaries.js"
import { bundle } from "./bundle.js"
import { runWorkerd } from "./workerd.js"

/** A row of the table. */
interface Row {
  readonly runtime: Runtime
  readonly transport: Transport
  /** Run by `pnpm test`. */
  readonly fast: boolean
}

const MB = 1_000_000

const rows: ReadonlyArray<Row> = [
  ...(["Node 20", "Node 22", "Node 24"] as const).flatMap((runtime) =>
    (["NodeCos", "undici", "fetch"] as const).map((transport) => ({
      runtime,
      transport,
      // The others are rows of CI's own matrix.
      fast: runtime === `Node ${process.versions.node.split(".")[0]}`
    }))
  ),
  { runtime: "Bun", transport: "fetch", fast: true },
  { runtime: "Bun", transport: "NodeCos", fast: true },
  { runtime: "Deno", transport: "fetch", fast: true },
  { runtime: "Deno", transport: "NodeCos", fast: false },
  { runtime: "workerd", transport: "fetch", fast: true }
]

const fast = process.argv.includes("--fast")
const names = process.argv.slice(2).filter((argument) => !argument.startsWith("--"))

const chosen = rows.filter(
  (row) =>
    (!fast || row.fast) &&
    (names.length === 0 ||
      names.some((name) => `${row.runtime}, ${row.transport}`.toLowerCase().includes(name.toLowerCase())))
)

/** Bun writes at another position than it is told, which only a file of many parts shows. */
const largeOf = ({ runtime, transport }: Row): Config["large"] =>
  fast ? { size: (runtime === "Bun" && transport === "fetch" ? 60 : 9) * MB, times: 1 } : { size: 60 * MB, times: 10 }

/** A port that had a listener, and has none any more. */
const unusedPort = Effect.async<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo
    server.close(() => resume(Effect.succeed(port)))
  })
})

const commandOf = (runtime: Runtime, { path }: Binary, module: string, config: Config): Command.Command => {
  const flags = runtime === "Deno" ? ["run", "--allow-all", "--no-config", "--node-modules-dir=manual"] : []
  return Command.make(path, ...flags, module, JSON.stringify(config))
}

/** The lines that the suite wrote; what else was written shows why some are missing. */
const resultsOf = ({ ok, output }: Outcome): ReadonlyArray<Result> => {
  const lines = output.split("\n")
  const results = lines.filter((line) => line.startsWith('{"suite":')).map((line): Result => JSON.parse(line))
  if (ok && lines.includes(`{"cases":${results.length}}`)) return results
  const rest = lines.filter((line) => !line.startsWith('{"suite":')).join("\n")
  return [...results, { suite: "operations", name: "all cases run", milliseconds: 0, error: rest }]
}

const runRow = (
  asked: Row,
  found: Binary,
  bundles: { readonly node: string; readonly workerd: string },
  config: Omit<Config, "runtime" | "transport" | "name" | "large">
) =>
  Effect.gen(function* () {
    const { runtime, transport } = asked
    const row = `${runtime.replace(/ \d+$/, "")} ${found.version}, ${transport}`
    const name = row.toLowerCase().replace(/[^a-z0-9]+/g, "-")
    const own: Config = { ...config, runtime: row, transport, name, large: largeOf(asked) }
    const outcome =
      runtime === "workerd"
        ? yield* runWorkerd(found.path, bundles.workerd, own)
        : yield* run(commandOf(runtime, found, bundles.node, own))
    const results = resultsOf(outcome)
    for (const { error, name, suite } of results) {
      if (error !== undefined) console.log(`FAILED  ${row}: ${suite}: ${name}\n${error.trimEnd()}\n`)
    }
    const failures = results.filter(({ error }) => error !== undefined).length
    console.log(`${failures === 0 ? "ok    " : "FAILED"}  ${row}: ${results.length - failures} of ${results.length}`)
    return { row, results }
  })

/** One row of the table: of each suite how many cases passed, and in which time. */
const cells = (results: ReadonlyArray<Result>) =>
  Object.fromEntries(
    suites.map((suite) => {
      const own = results.filter((result) => result.suite === suite)
      const passed = own.filter(({ error }) => error === undefined).length
      const seconds = own.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000
      return [suite, `${passed === own.length ? passed : `${passed} of ${own.length}`} (${seconds.toFixed(1)} s)`]
    })
  )

main(
  Effect.gen(function* () {
    if (chosen.length === 0) return yield* new Failed(`No row of ${names.join(", ")}`)
    const runtimes = [...new Set(chosen.map(({ runtime }) => runtime))]
    const binaries = new Map<Runtime, Binary>()
    let failed = 0
    for (const runtime of runtimes) {
      const found = yield* Effect.either(binary(runtime))
      if (Either.isRight(found)) binaries.set(runtime, found.right)
      else {
        const isSkipped = fast && process.env.CI === undefined
        console.log(
          `${isSkipped ? "skipped" : "FAILED "} ${runtime}: ${found.left._tag === "Failed" ? found.left.report : found.left.message}`
        )
        if (!isSkipped) failed++
      }
    }
    const bundles = yield* bundle
    const { credentials, controlEndpoint, controlToken, endpoint, tls } = yield* Emulator
    const config = {
      endpoint,
      untrustedEndpoint: tls?.endpoint ?? "",
      refusingEndpoint: `http://127.0.0.1:${yield* unusedPort}`,
      control: { url: controlEndpoint ?? "", token: controlToken === undefined ? "" : Redacted.value(controlToken) },
      secretId: credentials.secretId,
      secretKey: Redacted.value(credentials.secretKey)
    }
    const reports = yield* Effect.forEach(
      chosen.flatMap((row) => {
        const found = binaries.get(row.runtime)
        return found === undefined ? [] : [{ row, found }]
      }),
      ({ found, row }) => runRow(row, found, bundles, config),
      { concurrency: 2 }
    )
    console.table(Object.fromEntries(reports.map(({ results, row }) => [row, cells(results)])))
    const all = reports.flatMap(({ results }) => results)
    const passed = all.filter(({ error }) => error === undefined).length
    failed += all.length - passed
    console.log(`${passed} passed, ${failed} failed`)
    if (failed > 0) return yield* new Failed()
  }).pipe(Effect.provide(layerServer({ controlPort: 0, tls: true })))
)
