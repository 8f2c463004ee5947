/**
 * `pnpm bench [name…] [--rounds=5] [--quick]`: compares the cost of the SDK with the least possible and with the official
 * SDK, in one run. Every variant runs in a process of its own. The variants take turns, round by round, so that other load
 * on the machine affects all of them. Figures are medians; ratios are taken within a round.
 *
 * On a shared machine, CPU time (user and system) of the client's process varies less than wall time, and ratios vary less
 * than either. `--quick` runs one round of a quarter of the work.
 */
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { cpus, totalmem } from "node:os"
import * as Esbuild from "esbuild"
import { type Bench, benches, them, units, us } from "./benches.js"
import * as coldStart from "./coldStart.js"
import { folder, makeFile, makeSmallFiles } from "./data.js"
import type { Figures } from "./variants.js"

/** Bundles a program, because the sources are TypeScript. What is compared stays outside. */
const build = (name: string): Promise<unknown> =>
  Esbuild.build({
    entryPoints: [`scripts/bench/${name}.ts`],
    outfile: `${folder}/${name}.mjs`,
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["undici", "esbuild", "cos-nodejs-sdk-v5"]
  })

/** Starts a child process and waits for its first message. */
const start = async <A>(name: string, ...args: ReadonlyArray<string>): Promise<readonly [ChildProcess, A]> => {
  const child = fork(`${folder}/${name}.mjs`, args, { execArgv: [] })
  const message = await Promise.race([
    once(child, "message"),
    once(child, "exit").then(([code]) => {
      throw new Error(`${name} ${args.join(" ")} ended with ${code}`)
    })
  ])
  return [child, message[0]]
}

const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const digits = (value: number): number => Number(value.toPrecision(3))

interface Row {
  readonly cpu: number
  readonly wall: number
  readonly ratio: number
  readonly min: number
  readonly max: number
}

const measure = async (
  name: string,
  bench: Bench,
  rounds: number,
  share: number
): Promise<{ [variant: string]: Row }> => {
  const [server, port] = await start<number>("server", String(bench.latency ?? 0))
  const variants = Object.keys(bench.variants)
  const figures = new Map(variants.map((variant) => [variant, [] as Array<Figures>]))
  for (let round = 0; round < rounds; round++) {
    for (const [variant, list] of figures) {
      const [child, message] = await start<Figures>("client", name, variant, `http://127.0.0.1:${port}`, String(share))
      if (child.exitCode === null) await once(child, "exit")
      list.push(message)
    }
  }
  server.kill()
  const peer = figures.get(variants[0] ?? "") ?? []
  return Object.fromEntries(
    Array.from(figures, ([variant, list]) => {
      const ratios = list.map(({ cpu }, round) => cpu / (peer[round]?.cpu ?? Number.NaN))
      const row: Row = {
        cpu: digits(median(list.map(({ cpu }) => cpu)) * units[bench.unit]),
        wall: digits(median(list.map(({ wall }) => wall)) * units[bench.unit]),
        ratio: digits(median(ratios)),
        min: digits(Math.min(...ratios)),
        max: digits(Math.max(...ratios))
      }
      return [variant, row]
    })
  )
}

const versionOf = (name: string): string =>
  JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")).version

const machine = {
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
  system: `${process.platform} ${process.arch}`,
  node: process.versions.node,
  ...Object.fromEntries(
    ["effect", "@effect/platform", "undici", "cos-nodejs-sdk-v5"].map((name) => [name, versionOf(name)])
  )
}

const print = ({ floor, title, unit }: Bench, rows: { readonly [variant: string]: Row }): void => {
  const [peer] = Object.keys(rows)
  const mine = rows[us]
  console.log(`\n${title}`)
  console.table(
    Object.fromEntries(
      Object.entries(rows).map(([variant, row]) => [
        variant,
        {
          [`CPU, ${unit}`]: row.cpu,
          [`wall, ${unit}`]: row.wall,
          [`÷ ${peer}`]: row.ratio,
          min: row.min,
          max: row.max,
          ...(mine === undefined ? undefined : { "÷ ours": digits(row.cpu / mine.cpu) })
        }
      ])
    )
  )
  if (floor !== undefined) console.log(`limit: ${floor} × ${peer}${mine && mine.ratio > floor ? " (exceeded)" : ""}`)
}

const options = process.argv.slice(2).filter((argument) => argument.startsWith("--"))
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"))
const quick = options.includes("--quick")
const rounds = Number(options.find((option) => option.startsWith("--rounds="))?.slice(9) ?? (quick ? 1 : 5))
const unknown = wanted.filter((name) => !(name in benches))
if (unknown.length > 0) throw new Error(`no bench ${unknown.join(", ")}; there are ${Object.keys(benches).join(", ")}`)

mkdirSync(folder, { recursive: true })
await Promise.all([
  build("client"),
  build("server"),
  coldStart.prepare(),
  ...[128, 256, 1024].map(makeFile),
  makeSmallFiles(5000)
])
console.log(
  Object.entries(machine)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ")
)

const slower: Array<string> = []
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const rows = await measure(name, bench, rounds, quick ? 0.25 : 1)
  print(bench, rows)
  const [mine, theirs] = [rows[bench.alike ?? us], rows[them]]
  if (mine !== undefined && theirs !== undefined && mine.cpu > theirs.cpu) slower.push(name)
  writeFileSync(
    `${folder}/${name}.json`,
    `${JSON.stringify({ machine, rounds, unit: bench.unit, title: bench.title, rows }, null, 2)}\n`
  )
}
console.log(`\nSlower than the official SDK: ${slower.length === 0 ? "none" : slower.join(", ")}`)
