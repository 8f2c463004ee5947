/**
 * How sizes, times and keys are written for people.
 */
const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]

/** Such as `1.2 MiB`. */
export const bytes = (count: number): string => {
  let value = count
  let unit = 0
  for (; value >= 1023.95 && unit < units.length - 1; unit++) value /= 1024
  return unit === 0 ? `${count} B` : `${value.toFixed(1)} ${units[unit]}`
}

/** Such as `2026-11-29 06:28:11`, in UTC. */
export const time = (date: Date): string => date.toISOString().replace("T", " ").slice(0, 19)

/** A key, with what would move the cursor or turn the text around written out. */
export const key = (key: string): string =>
  key.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`
  )

/** Such as `1 object` or `3 objects`. */
export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number.toLocaleString("en-US")} ${number === 1 ? one : many}`

/** The columns of a character: 2 for those of Chinese, Japanese and Korean and for most pictures, 0 for what joins. */
const columnsOf = (char: string): number => {
  if (/^[\p{Mn}\p{Me}\p{Cf}]$/u.test(char)) return 0
  return /^[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60]$/u.test(
    char
  )
    ? 2
    : 1
}

/** How many columns a text takes in a terminal, without its colours. */
export const width = (text: string): number => {
  let columns = 0
  for (const char of text.replace(/\u001b\[[0-9;]*m/g, "")) columns += columnsOf(char)
  return columns
}

/** A text in exactly this many columns: cut in the middle, so that both its beginning and its end are seen, or padded. */
export const fit = (text: string, columns: number): string => {
  const missing = columns - width(text)
  if (missing >= 0) return text + " ".repeat(missing)
  if (columns < 3) return "…".repeat(Math.max(0, columns))
  const chars = Array.from(text)
  const take = (chars: ReadonlyArray<string>, limit: number) => {
    let taken = 0
    let sum = 0
    for (const char of chars) {
      if (sum + columnsOf(char) > limit) break
      sum += columnsOf(char)
      taken++
    }
    return taken
  }
  const head = chars.slice(0, take(chars, Math.ceil((columns - 1) / 2)))
  const tail = chars.slice(chars.length - take(chars.toReversed(), columns - 1 - width(head.join(""))))
  const cut = `${head.join("")}…${tail.join("")}`
  return cut + " ".repeat(columns - width(cut))
}

/** Such as `0:42` or `1:02:03`. */
export const duration = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds))
  const pad = (number: number) => String(number).padStart(2, "0")
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(rest)}` : `${minutes}:${pad(rest)}`
}

/** An age in its largest unit, such as `3d`. */
export const age = (seconds: number): string => {
  const [unit, length] = (
    [
      ["d", 86_400],
      ["h", 3600],
      ["m", 60]
    ] as const
  ).find(([, length]) => seconds >= length) ?? ["s", 1]
  return `${Math.floor(seconds / length)}${unit}`
}
