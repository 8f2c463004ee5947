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
