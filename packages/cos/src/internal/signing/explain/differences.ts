/** Where two requests differ, part by part. */
import type { Pairs } from "../canonical.js"
import type { Difference } from "./model.js"
import { decode, type Parts } from "./parts.js"

/** The first place in which two texts differ. */
const firstDifference = (a: string, b: string): number => {
  let at = 0
  while (at < a.length && at < b.length && a[at] === b[at]) at++
  return at
}

const difference = (
  part: Difference["part"],
  client: string | undefined,
  service: string | undefined,
  name?: string
): ReadonlyArray<Difference> =>
  client === service
    ? []
    : [
        {
          part,
          ...(name === undefined ? undefined : { name }),
          client,
          service,
          at: firstDifference(client ?? "", service ?? "")
        }
      ]

const byName = (pairs: Pairs): ReadonlyMap<string, string> => {
  const all = new Map<string, string>()
  for (const [name, value] of pairs) {
    const before = all.get(name)
    all.set(name, before === undefined ? decode(value) : `${before}, ${decode(value)}`)
  }
  return all
}

const ofPairs = (part: "parameter" | "header", client: Pairs, service: Pairs): ReadonlyArray<Difference> => {
  const [a, b] = [byName(client), byName(service)]
  return [...new Set([...a.keys(), ...b.keys()])].flatMap((name) => difference(part, a.get(name), b.get(name), name))
}

export const differencesOf = (client: Parts, service: Parts): ReadonlyArray<Difference> => [
  ...difference("method", client.method, service.method),
  ...difference("path", client.path, service.path),
  ...ofPairs("parameter", client.parameters, service.parameters),
  ...ofPairs("header", client.headers, service.headers)
]

export const timeDifference = (client: string, service: string): ReadonlyArray<Difference> =>
  difference("time", client, service)
