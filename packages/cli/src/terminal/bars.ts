/**
 * Progress at the foot of the terminal: a line for each thing that is under way. Without a terminal, and with `--quiet`,
 * there are none; with `--json-progress` there are JSON lines on standard error instead.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Progress } from "../contract/lines.js"
import { Output } from "../contract/output.js"
import * as Format from "./format.js"

/** How far something is. */
export interface Bar {
  /** Such as a key. */
  readonly label: string
  readonly unit: "bytes" | "files"
  readonly done: number
  /** `undefined`: not known. */
  readonly total: number | undefined
}

/** What a command tells its progress to. */
export interface Bars {
  /** How far `id` is. The first time adds a line below the others; `total` is always the last. */
  readonly set: (id: string, bar: Bar) => Effect.Effect<void>
  /** Takes the line away. */
  readonly remove: (id: string) => Effect.Effect<void>
}

/** A bar, and its last seconds. */
export interface Tracked extends Bar {
  readonly samples: ReadonlyArray<readonly [millis: number, done: number]>
}

/** The speed is that of the last seconds: long enough to be steady, short enough to be true. */
const speedWindow = 5_000

const tracked = (before: Tracked | undefined, bar: Bar, now: number): Tracked => {
  const samples = before?.samples ?? []
  const last = samples.at(-1)
  // Ten samples a second are enough, however often it is told.
  const kept = last !== undefined && now - last[0] < 100 && samples.length > 1 ? samples.slice(0, -1) : samples
  const recent = kept.filter(([at], index) => now - at <= speedWindow || index === kept.length - 1)
  return { ...bar, samples: [...recent, [now, bar.done]] }
}

/** Bytes or files a second. */
const speedOf = ({ done, samples }: Tracked, now: number): number => {
  const first = samples.find(([at]) => now - at <= speedWindow) ?? samples[0]
  return first === undefined || now - first[0] < 1 ? 0 : (Math.max(0, done - first[1]) * 1000) / (now - first[0])
}

const amount = (unit: Bar["unit"], count: number) =>
  unit === "bytes" ? Format.bytes(count) : Math.round(count).toLocaleString("en-US")

/** Drawn by lines where the terminal knows them. */
const isUnicode = /utf-?8/i.test(process.env.LC_ALL || process.env.LC_CTYPE || process.env.LANG || "")

/** A line, one column narrower than the terminal, so that it never wraps. */
export const render = (bar: Tracked, columns: number, now: number, colors: boolean): string => {
  const { done, label, total, unit } = bar
  const speed = speedOf(bar, now)
  const part = total === undefined ? undefined : total === 0 ? 1 : Math.min(1, done / total)
  const left = total === undefined || speed === 0 || done >= total ? "" : Format.duration((total - done) / speed)
  const figures = [
    part === undefined ? "" : `${Math.floor(part * 100)}%`.padStart(4),
    (total === undefined ? amount(unit, done) : `${amount(unit, done)} / ${amount(unit, total)}`).padStart(21),
    `${amount(unit, speed)}/s`.padStart(12),
    left.padStart(8)
  ].join(" ")
  const room = columns - 1
  const rest = room - Format.width(figures) - 1
  if (rest < 12) {
    const short = `${part === undefined ? amount(unit, done) : `${Math.floor(part * 100)}%`} ${left}`.trim()
    const name = Math.max(0, room - short.length - 1)
    return Format.fit(
      name === 0 ? short : `${Format.fit(Format.key(label), name)} ${short}`,
      Math.max(1, room)
    ).trimEnd()
  }
  const gauge = part === undefined ? 0 : Math.min(24, Math.floor(rest / 3))
  const name = Format.fit(Format.key(label), rest - (gauge === 0 ? 0 : gauge + 1))
  return `${name}${gauge === 0 ? "" : ` ${gaugeOf(part ?? 0, gauge, colors)}`} ${figures}`
}

const gaugeOf = (part: number, width: number, colors: boolean): string => {
  const full = Math.round(part * width)
  const [done, open] = isUnicode ? ["━", "─"] : ["#", "-"]
  const filled = done.repeat(full)
  return `${colors ? `\u001b[32m${filled}\u001b[39m` : filled}${open.repeat(width - full)}`
}

/** At most this many lines; the total is always among them. */
const mostLines = 8

/** What is at the foot of the terminal. */
export const lines = (
  bars: ReadonlyMap<string, Tracked>,
  {
    colors,
    columns,
    now,
    rows
  }: { readonly columns: number; readonly rows: number; readonly now: number; readonly colors: boolean }
): ReadonlyArray<string> => {
  const most = Math.max(1, Math.min(mostLines, rows - 2))
  const total = bars.get("total")
  const others = [...bars].flatMap(([id, bar]) => (id === "total" ? [] : [bar]))
  const room = most - (total === undefined ? 0 : 1)
  const shown = others.length > room ? others.slice(0, Math.max(0, room - 1)) : others
  const more = others.length - shown.length
  return [
    ...shown.map((bar) => render(bar, columns, now, colors)),
    ...(more > 0 && room > 0 ? [Format.fit(`and ${more} more`, columns - 1).trimEnd()] : []),
    ...(total === undefined ? [] : [render(total, columns, now, colors)])
  ]
}

const resizes = Stream.async<void>((emit) => {
  const resized = () => void emit.single(undefined)
  process.stderr.on("resize", resized)
  return Effect.sync(() => process.stderr.off("resize", resized))
})

const progressLine = (id: string, bar: Tracked, now: number): Omit<typeof Progress.Type, "v"> => ({
  type: "progress",
  id,
  label: bar.label,
  unit: bar.unit,
  done: bar.done,
  total: bar.total,
  perSecond: Math.round(speedOf(bar, now))
})

/** Shows progress while `use` runs, its release included; what is shown is gone afterwards. */
export const withBars = <A, E, R>(
  use: (bars: Bars) => Effect.Effect<A, E, R>,
  options: { readonly json?: boolean | undefined } = {}
): Effect.Effect<A, E, R | Output> =>
  Effect.flatMap(Output, (output) => {
    const isShown = output.interactive && !output.quiet
    const isJson = options.json === true
    if (!isShown && !isJson) return use({ set: () => Effect.void, remove: () => Effect.void })
    const bars = new Map<string, Tracked>()
    const told = new Map<string, number>()
    const tell = (id: string, bar: Tracked, now: number) =>
      Effect.zipRight(
        Effect.sync(() => told.set(id, now)),
        output.error(`${JSON.stringify({ v: 1, ...progressLine(id, bar, now) })}\n`)
      )
    const draw = Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      yield* output.foot(lines(bars, { ...(yield* output.size), now, colors: output.colors.stderr }))
    })
    const shown: Bars = {
      set: (id, bar) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => {
          const next = tracked(bars.get(id), bar, now)
          bars.set(id, next)
          const isDue = now - (told.get(id) ?? Number.NEGATIVE_INFINITY) >= 1_000 || bar.done === bar.total
          return isJson && isDue ? tell(id, next, now) : Effect.void
        }),
      remove: (id) =>
        Effect.sync(() => {
          bars.delete(id)
          told.delete(id)
        })
    }
    if (isJson) return use(shown)
    return Effect.scoped(
      Effect.gen(function* () {
        yield* Effect.addFinalizer(() => output.foot([]))
        yield* Effect.forkScoped(Stream.runForEach(Stream.merge(Stream.tick("100 millis"), resizes), () => draw))
        return yield* Effect.suspend(() => use(shown))
      })
    ) as Effect.Effect<A, E, R>
  })
