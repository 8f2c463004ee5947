/** A screen as an SVG that follows the colour scheme of whoever looks at it. */
import type { Piece, Row, Style } from "./screen.js"

const size = { font: 13, column: 7.8, row: 18, margin: 14 } as const

/** The colours of a terminal, by their numbers, on the ground of each scheme. */
const colors: ReadonlyArray<readonly [light: string, dark: string]> = [
  ["#24292f", "#484f58"],
  ["#cf222e", "#ff7b72"],
  ["#116329", "#3fb950"],
  ["#7d4e00", "#d29922"],
  ["#0969da", "#58a6ff"],
  ["#8250df", "#bc8cff"],
  ["#1b7c83", "#39c5cf"],
  ["#57606a", "#b1bac4"],
  ["#6e7781", "#8b949e"],
  ["#a40e26", "#ffa198"],
  ["#1a7f37", "#56d364"],
  ["#633c01", "#e3b341"],
  ["#218bff", "#79c0ff"],
  ["#a475f9", "#d2a8ff"],
  ["#3192aa", "#56d4dd"],
  ["#8c959f", "#f0f6fc"]
]

const text = { light: "#1f2328", dark: "#e6edf3" }
const dimmed = { light: "#6e7781", dark: "#8b949e" }
const ground = { light: "#f6f8fa", dark: "#161b22" }
const border = { light: "#d1d9e0", dark: "#3d444d" }

const pairs: ReadonlyArray<readonly [light: string, dark: string]> = [
  ...colors,
  ...[text, dimmed, ground, border].map(({ dark, light }) => [light, dark] as const)
]

/** Attributes hold the light colours, so that a viewer that reads no styles shows these. */
const styleOf = (body: string): string => {
  const dark = ["fill", "stroke"].flatMap((attribute) =>
    pairs.flatMap(([light, dark]) =>
      body.includes(`${attribute}="${light}"`) ? [`[${attribute}="${light}"]{${attribute}:${dark}}`] : []
    )
  )
  const font = 'ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace'
  return [
    "<style>",
    `text{font:${size.font}px ${font};white-space:pre}`,
    `@media (prefers-color-scheme:dark){${[...new Set(dark)].join("")}}`,
    "</style>"
  ].join("")
}

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c] ?? c)

const number = (value: number): string => String(Math.round(value * 10) / 10)

const x = (column: number): string => number(size.margin + column * size.column)

const colorOf = ({ color, dim }: Style): string => {
  if (color !== undefined) return colors[color]?.[0] ?? text.light
  return dim ? dimmed.light : text.light
}

/** Text without gaps, so that columns stay in line in a font of another width. */
interface Word extends Piece {
  readonly length: number
}

/** What is drawn of a piece: its words, each where it stands. Single blanks stay within a word. */
const wordsOf = ({ column, style, text }: Piece): ReadonlyArray<Word> =>
  Array.from(text.matchAll(/\S+(?: \S+)*/g), (match) => ({
    column: column + Array.from(text.slice(0, match.index)).length,
    text: match[0],
    length: Array.from(match[0]).length,
    style
  }))

const drawn = ({ column, length, style, text }: Word): string => {
  const attributes = [
    `x="${x(column)}"`,
    `textLength="${number(length * size.column)}"`,
    ...(colorOf(style) === colorOf({ ...style, color: undefined, dim: false }) ? [] : [`fill="${colorOf(style)}"`]),
    ...(style.bold ? ['font-weight="bold"'] : [])
  ]
  return `<tspan ${attributes.join(" ")}>${escaped(text)}</tspan>`
}

/** The grounds of pieces that have another one than the screen. */
const grounds = (row: Row, index: number): string =>
  row
    .flatMap(({ column, style: { background, color, reverse }, text: { length } }) => {
      const shown = reverse ? (color ?? 8) : background
      if (shown === undefined) return []
      const y = number(size.margin + index * size.row)
      const width = number(length * size.column)
      return [`<rect x="${x(column)}" y="${y}" width="${width}" height="${size.row}" fill="${colors[shown]?.[0]}"/>`]
    })
    .join("")

/** What is drawn of a screen. */
const drawnScreen = (rows: ReadonlyArray<Row>): string => {
  const lines = rows.flatMap((row, index) => {
    const words = row.flatMap(wordsOf)
    if (words.length === 0) return []
    const y = number(size.margin + index * size.row + size.font)
    return [`<text y="${y}">${words.map(drawn).join("")}</text>`]
  })
  return [...rows.map(grounds).filter((rects) => rects !== ""), ...lines].join("\n")
}

/** A screen, and for how many seconds it is shown. */
export interface Shown {
  readonly rows: ReadonlyArray<Row>
  readonly seconds: number
}

/** Shows one screen after the other, for ever; where nothing moves, the last. */
const animation = (screens: ReadonlyArray<Shown>): string => {
  const whole = screens.reduce((sum, { seconds }) => sum + seconds, 0)
  let before = 0
  const rules = screens.map(({ seconds }, index) => {
    const at = (time: number) => `${Math.round((time / whole) * 10_000) / 100}%`
    const from = at(before)
    before += seconds
    const hidden = index === 0 ? "" : "0%{visibility:hidden}"
    const gone = index === screens.length - 1 ? "" : `${at(before)}{visibility:hidden}`
    return `@keyframes s${index}{${hidden}${from}{visibility:visible}${gone}}.s${index}{animation:s${index} ${number(whole)}s step-end infinite}`
  })
  return `@media (prefers-reduced-motion:no-preference){${rules.join("")}}`
}

/** Nobody sees what is shown for less. */
const leastSeconds = 0.05

/** The image of screens of this many columns, cut after their last row. */
export const draw = (
  shown: ReadonlyArray<Shown>,
  options: { readonly title: string; readonly columns: number }
): string => {
  const screens = shown.filter(({ seconds }, index) => seconds >= leastSeconds || index === shown.length - 1)
  const width = number(2 * size.margin + options.columns * size.column)
  const height = number(2 * size.margin + Math.max(...screens.map(({ rows }) => rows.length)) * size.row)
  const attributes = [
    'xmlns="http://www.w3.org/2000/svg"',
    `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`,
    `role="img" aria-label="${escaped(options.title)}" fill="${text.light}"`
  ].join(" ")
  const frame = `width="${number(Number(width) - 1)}" height="${number(Number(height) - 1)}" rx="6"`
  const last = screens.length - 1
  const body = [
    `<rect x="0.5" y="0.5" ${frame} fill="${ground.light}" stroke="${border.light}"/>`,
    ...screens.map(({ rows }, index) => {
      if (last === 0) return drawnScreen(rows)
      return `<g class="s${index}"${index === last ? "" : ' visibility="hidden"'}>\n${drawnScreen(rows)}\n</g>`
    })
  ].join("\n")
  const moving = last === 0 ? "" : `<style>${animation(screens)}</style>\n`
  return `<svg ${attributes}>\n${styleOf(attributes + body)}\n${moving}${body}\n</svg>\n`
}
