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

/** The image of a screen of this many columns, cut after its last row. */
export const draw = (
  rows: ReadonlyArray<Row>,
  options: { readonly title: string; readonly columns: number }
): string => {
  const width = number(2 * size.margin + options.columns * size.column)
  const height = number(2 * size.margin + rows.length * size.row)
  const lines = rows.flatMap((row, index) => {
    const words = row.flatMap(wordsOf)
    if (words.length === 0) return []
    const y = number(size.margin + index * size.row + size.font)
    return [`<text y="${y}">${words.map(drawn).join("")}</text>`]
  })
  const open = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(options.title)}" fill="${text.light}">`
  const body = [
    `<rect x="0.5" y="0.5" width="${number(Number(width) - 1)}" height="${number(Number(height) - 1)}" rx="6" fill="${ground.light}" stroke="${border.light}"/>`,
    ...rows.map(grounds).filter((rects) => rects !== ""),
    ...lines
  ].join("\n")
  return `${open}\n${styleOf(open + body)}\n${body}\n</svg>\n`
}
