/** A screen as tmux captures it: text with colours, as cells that an image can draw. */

/** How a piece of text looks. Colours are those of the terminal, 0 to 15. */
export interface Style {
  readonly bold: boolean
  readonly dim: boolean
  readonly reverse: boolean
  readonly color: number | undefined
  readonly background: number | undefined
}

/** Text of one style, from a column on. */
export interface Piece {
  readonly column: number
  readonly text: string
  readonly style: Style
}

export type Row = ReadonlyArray<Piece>

const plain: Style = { bold: false, dim: false, reverse: false, color: undefined, background: undefined }

/** Of 256 colours, the nearest of the sixteen. */
const sixteen = (color: number): number => {
  if (color < 16) return color
  if (color >= 232) return color < 244 ? 8 : 7
  const [red, green, blue] = [Math.floor((color - 16) / 36), Math.floor((color - 16) / 6) % 6, (color - 16) % 6]
  const bit = (level: number, value: number) => (level >= 3 ? value : 0)
  return bit(red, 1) + bit(green, 2) + bit(blue, 4) + (Math.max(red, green, blue) > 3 ? 8 : 0)
}

/** The style after the codes of one escape sequence. */
const styled = (style: Style, codes: ReadonlyArray<number>): Style => {
  let next = style
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0
    if (code === 0) next = plain
    else if (code === 1) next = { ...next, bold: true }
    else if (code === 2) next = { ...next, dim: true }
    else if (code === 7) next = { ...next, reverse: true }
    else if (code === 22) next = { ...next, bold: false, dim: false }
    else if (code === 27) next = { ...next, reverse: false }
    else if (code >= 30 && code <= 37) next = { ...next, color: code - 30 }
    else if (code >= 90 && code <= 97) next = { ...next, color: code - 82 }
    else if (code === 39) next = { ...next, color: undefined }
    else if (code >= 40 && code <= 47) next = { ...next, background: code - 40 }
    else if (code >= 100 && code <= 107) next = { ...next, background: code - 92 }
    else if (code === 49) next = { ...next, background: undefined }
    else if (code === 38 || code === 48) {
      const color = codes[i + 1] === 5 ? sixteen(codes[i + 2] ?? 0) : undefined
      next = code === 38 ? { ...next, color } : { ...next, background: color }
      i += codes[i + 1] === 5 ? 2 : 4
    }
  }
  return next
}

/** The rows of a captured screen, of this many columns. Styles last over the ends of lines, as tmux writes them. */
export const parse = (captured: string, columns: number): ReadonlyArray<Row> => {
  let style = plain
  return captured
    .trimEnd()
    .split("\n")
    .flatMap((line) => {
      const rows: Array<Array<Piece>> = [[]]
      let column = 0
      for (const [, codes, text = ""] of line.matchAll(/\u001b\[([\d;:]*)m|([^\u001b]+)/g)) {
        if (codes !== undefined) {
          style = styled(style, codes.split(/[;:]/).map(Number))
          continue
        }
        let rest = Array.from(text)
        while (rest.length > 0) {
          if (column === columns) {
            rows.push([])
            column = 0
          }
          const part = rest.slice(0, columns - column)
          rows.at(-1)?.push({ column, text: part.join(""), style })
          column += part.length
          rest = rest.slice(part.length)
        }
      }
      return rows
    })
}
