/**
 * Pages of names in order, with common prefixes.
 */
import * as Option from "effect/Option"
import type { ListOptions, Page } from "../Storage.js"
import * as Keys from "./keys.js"
import { hasAny, type Reader } from "./tables.js"

export interface ListingOptions<V, A> extends ListOptions {
  /** The beginning of the records' keys. A name, NUL and an id follow it. */
  readonly base: string
  readonly idLength: number
  readonly after: string
  /** Lists what comes after this id of the name `after`; "" for after all of its ids. */
  readonly afterId: string
  /** Whether only the first record of each name can be listed. */
  readonly firstOnly: boolean
  /** What to list for a record; `undefined` leaves it out. */
  readonly select: (value: V, first: boolean) => A | undefined
  readonly idOf: (value: V) => string
}

export const list = <V extends { readonly key: string }, A>(
  records: Reader,
  options: ListingOptions<V, A>
): Page<A> => {
  const { base, idLength, limit } = options
  const prefix = Keys.fromName(options.prefix)
  const delimiter = Keys.fromName(options.delimiter)
  const marker = Keys.fromName(options.after)
  const items: Array<A> = []
  const prefixes: Array<string> = []
  let last: Page<A>["last"] = Option.none()
  let truncated = false

  const groupOf = (name: string): string | undefined => {
    if (delimiter === "") return undefined
    const at = name.indexOf(delimiter, prefix.length)
    return at === -1 ? undefined : name.slice(0, at + delimiter.length)
  }

  const begin = base + prefix
  const end = Keys.after(begin)
  let from = begin
  let previous: string | undefined
  if (marker !== "") {
    const id = options.afterId
    const next =
      id !== ""
        ? `${base}${marker}\0${id}\0`
        : marker.startsWith(prefix) && groupOf(marker) === marker
          ? Keys.after(base + marker)
          : base + marker + Keys.afterIds
    if (next > from) from = next
    // continues within a name: the first record found is not the first of that name
    if (id !== "" && hasAny(records, `${base}${marker}\0`, next)) previous = marker
  }

  /** Takes neighbouring records. Returns where to continue, or `undefined` at the end of the page. */
  const run = (): string | undefined => {
    for (const [key, value] of records.range<V>(from, end)) {
      const name = key.slice(base.length, -(idLength + 1))
      const first = name !== previous
      previous = name
      if (options.firstOnly && !first) return base + name + Keys.afterIds
      const item = options.select(value, first)
      if (item === undefined) continue
      if (items.length + prefixes.length === limit) {
        truncated = true
        return undefined
      }
      const group = groupOf(name)
      if (group !== undefined) {
        const text = Keys.toName(group)
        prefixes.push(text)
        last = Option.some({ key: text, id: "" })
        return Keys.after(base + group)
      }
      items.push(item)
      last = Option.some({ key: value.key, id: options.idOf(value) })
    }
    return undefined
  }

  for (let next: string | undefined = limit > 0 ? from : undefined; next !== undefined; next = run()) from = next
  return { items, prefixes, truncated, last }
}
