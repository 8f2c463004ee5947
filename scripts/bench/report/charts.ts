/** The charts of the report: SVG that follows the colour scheme of whoever looks at it. */
import * as Plot from "@observablehq/plot"
import { parseHTML } from "linkedom"
import { aws, type Bench, raw, them, us } from "../bench.js"
import { atOnce, filesCase, found, latencies, rawFiles } from "../benches/files.js"
import { benches } from "../benches.js"
import { digits, median, type Results, ratiosOf, valuesOf } from "../results.js"

/** Colours of clients in light and dark schemes; each stands out from the others and from the ground of its scheme. */
const clients = {
  "raw undici": { light: "#6e7781", dark: "#9198a1" },
  "effect-cos": { light: "#0969da", dark: "#58a6ff" },
  official: { light: "#bc4c00", dark: "#f0883e" },
  aws: { light: "#8250df", dark: "#be8fff" }
} as const

type Client = keyof typeof clients

const names: { readonly [client in Client]: string } = {
  "raw undici": "raw undici",
  "effect-cos": "effect-cos",
  official: "official SDK",
  aws: "AWS SDK"
}

/** Attributes hold the light colours, so that a viewer that reads no styles shows these. */
const style = () =>
  [
    "text { font: 12px system-ui, sans-serif; }",
    "svg { color: #1f2328; }",
    "@media (prefers-color-scheme: dark) {",
    "svg { color: #e6edf3; }",
    ...[...Object.values(clients), ...Object.values(doings)].flatMap(({ dark, light }) => [
      `[fill="${light}"] { fill: ${dark}; }`,
      `[stroke="${light}"] { stroke: ${dark}; }`
    ]),
    "}"
  ].join("\n")

const colorOf = (client: Client): string => clients[client].light

const draw = (options: Plot.PlotOptions, title: string): string => {
  const { document } = parseHTML("<html><body></body></html>")
  const svg = Plot.plot({ document, ...options })
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg")
  svg.setAttribute("role", "img")
  svg.setAttribute("aria-label", title)
  svg.removeAttribute("style")
  for (const own of svg.querySelectorAll("style")) own.remove()
  const element = document.createElement("style")
  element.textContent = style()
  svg.prepend(element)
  return `${svg.outerHTML}\n`
}

/** The work that is compared with all clients: bench, case, label. */
const works: ReadonlyArray<readonly [bench: string, name: string, label: string]> = [
  ["upload", "8 MiB parts", "upload, 8 MiB parts"],
  ["upload-small-parts", "1 MiB parts", "upload, 1 MiB parts"],
  ["download", "to a file", "download to a file"],
  ["files-up", filesCase(5000, 16, 0), "5,000 small files up"],
  ["files-down", filesCase(5000, 16, 0), "5,000 small files down"],
  ["put", "PUT", "PUT of 4 KiB"],
  ["head", "HEAD", "HEAD"],
  ["list", "page", "page of 1,000 keys"]
]

/** Which variant of a bench is a client's. */
const clientOf = (variant: string): Client | undefined => {
  if (variant === us || variant === them || variant === aws || variant === raw) return variant
  return variant === rawFiles || variant.startsWith("undici") ? "raw undici" : undefined
}

const clientsOrder = Object.keys(clients) as ReadonlyArray<Client>

interface Bar {
  readonly work: string
  readonly client: Client
  readonly ratio: number
}

const barsOf = (results: Results): ReadonlyArray<Bar> =>
  works.flatMap(([bench, name, work]) => {
    const rounds = results[bench]?.[name]?.rounds
    const description = benches[bench]
    if (rounds === undefined || description === undefined) return []
    const mine = valuesOf(description, rounds, us, "cpu")
    return Object.keys(rounds).flatMap((variant) => {
      const client = clientOf(variant)
      if (client === undefined) return []
      return [{ work, client, ratio: digits(median(ratiosOf(valuesOf(description, rounds, variant, "cpu"), mine))) }]
    })
  })

const ratios = (results: Results): string | undefined => {
  const bars = barsOf(results)
  if (bars.length === 0) return undefined
  const shown = new Set(bars.map(({ work }) => work))
  return draw(
    {
      width: 760,
      height: 70 + shown.size * 76,
      marginLeft: 100,
      marginRight: 150,
      marginTop: 44,
      x: {
        label: "CPU time, effect-cos = 1 (less is better)",
        grid: true,
        labelAnchor: "left",
        labelArrow: "none",
        axis: "top"
      },
      y: { label: null, domain: clientsOrder.map((client) => names[client]), tickSize: 0 },
      fy: { label: null, domain: works.map(([, , work]) => work).filter((work) => shown.has(work)), padding: 0.18 },
      marks: [
        Plot.barX(bars, {
          x: "ratio",
          y: ({ client }: Bar) => names[client],
          fy: "work",
          fill: ({ client }: Bar) => colorOf(client),
          insetTop: 0.5,
          insetBottom: 0.5
        }),
        Plot.text(bars, {
          x: "ratio",
          y: ({ client }: Bar) => names[client],
          fy: "work",
          text: ({ ratio }: Bar) => String(digits(ratio)),
          textAnchor: "start",
          dx: 4,
          fill: "currentColor"
        }),
        Plot.ruleX([1], { stroke: "currentColor", strokeDasharray: "2 3" })
      ],
      color: { type: "identity" }
    },
    "CPU time of each client, as a multiple of what effect-cos takes"
  )
}

interface Point {
  readonly direction: string
  readonly latency: string
  readonly atOnce: string
  readonly client: Client
  readonly rate: number
}

const perSecond = (description: Bench, rounds: Parameters<typeof valuesOf>[1], variant: string): number =>
  1e6 / median(valuesOf(description, rounds, variant, "wall"))

const pointsOf = (results: Results): ReadonlyArray<Point> =>
  (["files-up", "files-down"] as const).flatMap((bench) =>
    latencies.flatMap((latency) =>
      atOnce.flatMap((number) => {
        const rounds = results[bench]?.[filesCase(5000, number, latency)]?.rounds
        const description = benches[bench]
        if (rounds === undefined || description === undefined) return []
        return Object.keys(rounds).flatMap((variant): ReadonlyArray<Point> => {
          const client = clientOf(variant)
          if (client === undefined || client === "aws") return []
          return [
            {
              direction: bench === "files-up" ? "up" : "down",
              latency: `${latency} ms of latency`,
              atOnce: String(number),
              client,
              rate: perSecond(description, rounds, variant)
            }
          ]
        })
      })
    )
  )

/** Above the first facet. */
const legend = (shown: ReadonlyArray<Client>, first: Pick<Point, "latency" | "direction">) =>
  shown.map((client, i) =>
    Plot.text([first], {
      fx: "latency",
      fy: "direction",
      text: () => `● ${names[client]}`,
      frameAnchor: "top-left",
      textAnchor: "start",
      dx: i * 110,
      dy: -48,
      fill: colorOf(client)
    })
  )

const filesAtOnce = (results: Results): string | undefined => {
  const points = pointsOf(results)
  if (points.length === 0) return undefined
  const shown = clientsOrder.filter((client) => points.some((point) => point.client === client))
  const at = { x: "atOnce", y: "rate", fx: "latency", fy: "direction" } as const
  return draw(
    {
      width: 760,
      height: 520,
      marginTop: 72,
      marginLeft: 60,
      marginRight: 50,
      marginBottom: 44,
      x: { type: "point", domain: atOnce.map(String), label: "files at once", labelArrow: "none", padding: 0.3 },
      y: { label: "files per second", grid: true, labelArrow: "none", zero: true, nice: true },
      fx: { label: null, padding: 0.08 },
      fy: { label: null, domain: ["up", "down"], padding: 0.12 },
      color: { type: "identity" },
      marks: [
        Plot.line(
          points.filter(({ atOnce }) => atOnce !== found),
          { ...at, stroke: ({ client }: Point) => colorOf(client), strokeWidth: 2, z: "client" }
        ),
        Plot.dot(points, { ...at, fill: ({ client }: Point) => colorOf(client), r: 3.5 }),
        ...legend(shown, { latency: `${latencies[0]} ms of latency`, direction: "up" })
      ]
    },
    "Small files per second against files at once, for each latency"
  )
}

/** What is done with keys, by the case of the bench `scale`. Colours are those of no client. */
const doings = {
  listed: { label: "listed", light: "#1a7f37", dark: "#3fb950" },
  "planned against as many files": { label: "planned against as many files", light: "#9a6700", dark: "#d29922" },
  "planned and copied": { label: "planned and copied", light: "#bf3989", dark: "#f778ba" }
} as const

interface ScalePoint {
  readonly keys: number
  readonly time: number
  readonly color: string
  readonly label: string
}

const scale = (results: Results): string | undefined => {
  const bench = benches.scale
  const points = Object.entries(doings).flatMap(([name, { label, light }]): ReadonlyArray<ScalePoint> => {
    const rounds = results.scale?.[name]?.rounds
    if (rounds === undefined || bench === undefined) return []
    return Object.keys(rounds).map((variant) => ({
      keys: Number(variant.replaceAll(/\D/g, "")),
      time: median(valuesOf(bench, rounds, variant, "wall")),
      color: light,
      label
    }))
  })
  if (points.length === 0) return undefined
  const last = Math.max(...points.map(({ keys }) => keys))
  return draw(
    {
      width: 760,
      height: 340,
      marginTop: 30,
      marginLeft: 60,
      marginRight: 40,
      marginBottom: 44,
      x: {
        type: "log",
        label: "keys",
        labelArrow: "none",
        ticks: [1e4, 1e5, 1e6],
        tickFormat: (keys) => keys.toLocaleString("en")
      },
      y: { label: "µs for each key", grid: true, labelArrow: "none", zero: true, nice: true, insetTop: 20 },
      color: { type: "identity" },
      marks: [
        Plot.line(points, { x: "keys", y: "time", stroke: "color", z: "label", strokeWidth: 2 }),
        Plot.dot(points, { x: "keys", y: "time", fill: "color", r: 3.5 }),
        Plot.text(
          points.filter(({ keys }) => keys === last),
          { x: "keys", y: "time", text: "label", fill: "color", textAnchor: "end", dy: -12 }
        )
      ]
    },
    "Time for each key against the number of keys"
  )
}

/** The charts for which there are results, by their names. */
export const chartsOf = (results: Results): { readonly [name: string]: string } =>
  Object.fromEntries(
    Object.entries({ ratios, "files-at-once": filesAtOnce, scale }).flatMap(([name, chart]) => {
      const svg = chart(results)
      return svg === undefined ? [] : [[name, svg]]
    })
  )
