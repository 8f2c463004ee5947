/**
 * Answers of the service, as tables: what each document decodes to, and that no damaged one passes for another. A group of
 * operations joins by a file with `describeResponses("group", [sample(…), …])`.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Stream from "effect/Stream"
import * as CosClient from "effect-cos/CosClient"
import type * as CosError from "effect-cos/CosError"
import type * as Operation from "effect-cos/Operation"
import { loadDocumentReader } from "../../src/internal/xml/loadDocumentReader.js"
import * as ScriptedClient from "./ScriptedClient.js"

export const declaration = "<?xml version='1.0' encoding='utf-8' ?>\n"

/** What a key, a tag's value or a prefix may hold, escaped as servers do and as none does. */
export const awkward = {
  xml: "&lt;a&gt; &amp;amp; &quot;q&apos; &#x4E2D;&#25991; %2B+ <![CDATA[<&amp;>]]> é ",
  text: "<a> &amp; \"q' 中文 %2B+ <&amp;> é "
}

/** What an output says of its call. */
export const made = {
  location: "https://examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com/k",
  bucket: "examplebucket-1250000000",
  region: "ap-guangzhou"
}

export const madeBy = (headers: Sample["headers"]) => ({
  ...made,
  response: { status: 200, requestId: headers["x-cos-request-id"], headers }
})

/** One answer of one operation. */
export interface Sample {
  readonly title: string
  readonly run: () => Effect.Effect<unknown, unknown, CosClient.CosClient>
  readonly document: string
  readonly headers: { readonly [name: string]: string }
  readonly expected: unknown
}

export const sample = <I, A, E>(
  operation: Operation.Operation<I, A, E>,
  options: {
    /** What is special about it. */
    readonly title: string
    readonly input: I
    /** Without blanks at its end. */
    readonly document: string
    readonly headers?: { readonly [name: string]: string }
    readonly expected: A
  }
): Sample => ({
  title: `${operation.spec.name}: ${options.title}`,
  run: () => (operation as unknown as (input: I) => Effect.Effect<A, E, CosClient.CosClient>)(options.input),
  document: options.document,
  headers: options.headers ?? {},
  expected: options.expected
})

// What follows runs synchronously, which reading a configuration does once its parser is there.
await Effect.runPromise(loadDocumentReader)

const client = Effect.runSync(Effect.provide(CosClient.CosClient, ScriptedClient.make([]).layer))

/** What the operation makes of this answer: without a transport, for it is asked very often. */
const answer = (sample: Sample, document: string): Exit.Exit<unknown, unknown> =>
  Effect.runSyncExit(
    Effect.provideService(sample.run(), CosClient.CosClient, {
      ...client,
      execute: (request, _, decode) =>
        decode({
          request: { ...request, bucket: made.bucket },
          status: 200,
          headers: sample.headers,
          region: made.region,
          location: made.location,
          afterLostResponse: false,
          facts: { status: 200, headers: {} },
          text: Effect.succeed(document),
          stream: Stream.empty,
          fill: () => Effect.void
        }) as Effect.Effect<never>
    })
  )

const isMalformed = (exit: Exit.Exit<unknown, unknown>): boolean =>
  Exit.isFailure(exit) &&
  Cause.isFailType(exit.cause) &&
  (exit.cause.error as CosError.MalformedResponse)._tag === "MalformedResponse"

/** How many entries the lists have together that are in the same place of a value. */
const entries = (value: unknown, place = "", counts = new Map<string, number>()): ReadonlyMap<string, number> => {
  if (Array.isArray(value)) {
    counts.set(place, (counts.get(place) ?? 0) + value.length)
    for (const item of value) entries(item, place, counts)
  } else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) entries(inner, `${place}.${key}`, counts)
  }
  return counts
}

/** The places where `actual` has fewer, and whether it says no longer that there are more pages. */
const shortened = (expected: unknown, actual: unknown): ReadonlyArray<string> => {
  const found = entries(actual)
  const goesOn = (value: unknown) => (value as { readonly isTruncated?: boolean } | undefined)?.isTruncated === true
  if (goesOn(expected) && !goesOn(actual)) return [".isTruncated"]
  return Array.from(entries(expected)).flatMap(([place, count]) => ((found.get(place) ?? 0) < count ? [place] : []))
}

const seed = 20_260_817

/** What a bit of damage puts into a document: all that means something to a parser, and some that does not. */
const character = FastCheck.constantFrom(...`<>/&;"'=!?-[]{},:#x0 aZé中\n\t\r`, "\u0000", "\u000b", "\ufffe", "\ud800")

/** One character replaced, taken away or put in. */
const misspelt = (document: string) =>
  FastCheck.tuple(FastCheck.nat(document.length - 1), FastCheck.constantFrom(0, 1), FastCheck.option(character)).map(
    ([at, removed, put]) => document.slice(0, at) + (put ?? "") + document.slice(at + removed)
  )

/** Text in place of what one element holds, or that element twice. */
const misplaced = (document: string) => {
  const elements = Array.from(document.matchAll(/<([A-Za-z-]+)(?: [^>]*)?>/g), ({ 0: open, 1: name, index }) => ({
    from: index,
    inside: index + open.length,
    to: document.indexOf(`</${name}>`, index)
  })).filter(({ inside, to }) => to > inside && document.slice(inside, to).includes("<"))
  return elements.length === 0
    ? misspelt(document)
    : FastCheck.tuple(FastCheck.constantFrom(...elements), FastCheck.boolean()).map(([{ from, inside, to }, twice]) => {
        const end = document.indexOf(">", to) + 1
        return twice
          ? document.slice(0, end) + document.slice(from)
          : `${document.slice(0, inside)} text ${document.slice(to)}`
      })
}

const damaged = (document: string) =>
  FastCheck.oneof({ weight: 4, arbitrary: misspelt(document) }, { weight: 1, arbitrary: misplaced(document) })

export const describeResponses = (group: string, samples: ReadonlyArray<Sample>): void => {
  describe(`responses: ${group}`, () => {
    it.each(samples.map((sample) => [sample.title, sample] as const))("%s", (_, sample) => {
      expect(answer(sample, sample.document)).toEqual(Exit.succeed(sample.expected))
    })

    it("a document that is cut anywhere is malformed", () => {
      for (const sample of samples) {
        for (let at = 1; at < sample.document.length; at++) {
          const cut = sample.document.slice(0, at)
          const exit = answer(sample, cut)
          if (!isMalformed(exit)) expect([sample.title, cut, exit]).toEqual("malformed")
        }
      }
    })

    it("a damaged document is malformed or keeps its lists, and is never a defect", () => {
      const damage = FastCheck.nat(samples.length - 1).chain((index) =>
        FastCheck.tuple(FastCheck.constant(index), damaged((samples[index] as Sample).document))
      )
      FastCheck.assert(
        FastCheck.property(damage, ([index, document]) => {
          const sample = samples[index] as Sample
          const exit = answer(sample, document)
          if (isMalformed(exit)) return
          if (Exit.isFailure(exit)) throw new Error(`${sample.title}: ${Cause.pretty(exit.cause)}`)
          // Names of JSON that are not known are kept, so a damaged name moves a list.
          if (sample.document.startsWith("{")) return
          expect([sample.title, shortened(sample.expected, exit.value)]).toEqual([sample.title, []])
        }),
        { seed, numRuns: 4000 }
      )
    })

    it("what is no document at all is malformed", () =>
      FastCheck.assert(
        FastCheck.property(FastCheck.nat(samples.length - 1), FastCheck.string(), (index, body) => {
          const sample = samples[index] as Sample
          if (body.trim() === "") return
          expect([sample.title, isMalformed(answer(sample, body))]).toEqual([sample.title, true])
        }),
        { seed, numRuns: 500 }
      ))
  })
}
