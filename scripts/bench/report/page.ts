/** The page of the report. */
import type { Bench } from "../bench.js"
import { benches } from "../benches.js"
import { goals, judge, limitOf, slowerThanOfficial, whereOf } from "../goals.js"
import { type Machine, type Results, type Row, rowsOf, tableOf } from "../results.js"

const tableRow = (cells: ReadonlyArray<string | number>): string => `| ${cells.join(" | ")} |`

const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string | number>>): string =>
  [
    tableRow(head),
    `|---|${head
      .slice(1)
      .map(() => "---:|")
      .join("")}`,
    ...rows.map(tableRow)
  ].join("\n")

const goalsTable = (results: Results): string =>
  table(
    ["goal", "measured", "floor", "ambitious"],
    goals.map((goal) => {
      const judged = judge(goal, results)
      const limits = [goal.floor, goal.ambitious].map((limit) => limitOf(goal, limit))
      if (judged === undefined) return [goal.what, "not measured", ...limits]
      const [floor, ambitious] = [judged.floor, judged.ambitious].map((verdict) =>
        verdict === "held" ? "held" : "**missed**"
      )
      return [
        whereOf(judged) === "" ? goal.what : `${goal.what} (${whereOf(judged)})`,
        judged.value,
        `${limits[0]} ${floor}`,
        `${limits[1]} ${ambitious}`
      ]
    })
  )

const caseTable = (bench: Bench, { case: _, name, result }: Row): string => {
  const cells = tableOf(bench, result.rounds)
  const columns = Array.from(new Set(Object.values(cells).flatMap((row) => Object.keys(row))))
  const facts = `${result.rounds === undefined ? 0 : (Object.values(result.rounds)[0]?.length ?? 0)} rounds, load ${result.load}`
  return table(
    [`${name} (${facts})`, ...columns],
    Object.entries(cells).map(([variant, row]) => [variant, ...columns.map((column) => row[column] ?? "")])
  )
}

const benchSection = (results: Results, name: string): ReadonlyArray<string> => {
  const bench = benches[name]
  const rows = rowsOf(results, name)
  if (bench === undefined || rows.length === 0) return []
  const note = bench.note === undefined ? [] : [bench.note]
  return [`### ${bench.title}`, `\`pnpm bench ${name}\``, ...note, ...rows.map((row) => caseTable(bench, row))]
}

const words = (machine: Machine): string =>
  Object.entries(machine)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ")

/** Results may be of several days and machines. */
const machines = (results: Results): ReadonlyArray<string> => {
  const all = Object.keys(benches).flatMap((bench) => rowsOf(results, bench))
  const found = new Map<string, Set<string>>()
  for (const { bench, result } of all) {
    const text = `${result.date}: ${words(result.machine)}`
    found.set(text, (found.get(text) ?? new Set()).add(bench))
  }
  if (found.size === 1) return Array.from(found.keys())
  return Array.from(found, ([text, of]) => `- ${text} (${Array.from(of).join(", ")})`)
}

const chart = (charts: ReadonlyArray<string>, name: string, text: string): ReadonlyArray<string> =>
  charts.includes(name) ? [`![${text}](performance/${name}.svg)`] : []

const slowerTable = (results: Results): string => {
  const slower = slowerThanOfficial(results)
  if (slower.length === 0) return "Nowhere slower than the official SDK with the same checks."
  return [
    "Slower than the official SDK with the same checks, as multiples of what it takes, with the start of the process and " +
      "without it:",
    table(
      ["case", "of", "with the start", "without"],
      slower.map(({ afterStart, bench, figure, name, ratio }) => [
        `${bench}: ${name}`,
        figure === "cpu" ? "CPU" : figure,
        ratio,
        afterStart ?? ""
      ])
    )
  ].join("\n\n")
}

export const pageOf = (results: Results, charts: ReadonlyArray<string>): string => {
  const sections = [
    "# Performance",
    "<!-- Written by `pnpm bench --report`. -->",
    "What the SDK costs beside the least possible on Node (undici and node:fs, signed by hand, nothing checked), the official " +
      "SDK (`cos-nodejs-sdk-v5`) and the AWS SDK (`@aws-sdk/client-s3` with `lib-storage`), each with the checks that it makes by default.",
    ...chart(charts, "ratios", "CPU time of each client, as a multiple of what effect-cos takes"),
    "Each variant runs in a process of its own against one server on the same machine, over plain HTTP, which answers from " +
      "memory and drains what it is sent. Figures are medians of the rounds. Ratios are taken within a round, min and max are " +
      "those of all rounds. CPU is user and system time of the client's process.",
    "## Goals",
    goalsTable(results),
    slowerTable(results),
    "## Many small files",
    ...chart(charts, "files-at-once", "Small files per second against files at once, for each latency"),
    ...chart(charts, "scale", "Time for each key against the number of keys"),
    "## All figures",
    ...Object.keys(benches).flatMap((name) => benchSection(results, name)),
    "## Measured on",
    machines(results).join("\n"),
    "## To repeat it",
    "On an idle machine; all of it takes about forty minutes:",
    "```sh\nnpx -y pnpm@10 bench --report\n```",
    "`pnpm bench put` runs one bench, `pnpm bench files-up:20` the cases with `20` in their names, `pnpm bench --quick` the most " +
      "telling ones within a minute. `--report` keeps every case as soon as it is measured, and `--missing` goes on where a " +
      "run was stopped. The results are in [results.json](performance/results.json)."
  ]
  return `${sections.join("\n\n")}\n`
}
