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
import * as ScriptedClient from "./ScriptedClient.js"

/** One answer of one operation. */
export interface Sample {
  readonly title: string
  readonly run: Effect.Effect<unknown, unknown, CosClient.CosClient>
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
  run: (operation as unknown as (input: I) => Effect.Effect<A, E, CosClient.CosClient>)(options.input),
  document: options.document,
  headers: options.headers ?? {},
  expected: options.expected
})

const client = Effect.runSync(Effect.provide(CosClient.CosClient, ScriptedClient.make([]).layer))

/** What the operation makes of this answer: without a transport, for it is asked very often. */
const answer = (sample: Sample, document: string): Exit.Exit<unknown, unknown> =>
  Effect.runSyncExit(
    Effect.provideService(sample.run, CosClient.CosClient, {
      ...client,
      execute: (request, _, decode) =>
        decode({
          request,
          status: 200,
          headers: sample.headers,
          afterLostAnswer: false,
          text: Effect.succeed(document),
          stream: Stream.empty
        }) as Effect.Effect<never>
    })
  )

const isMalformed = (exit: Exit.Exit<unknown, unknown>): boolean =>
  Exit.isFailure(exit) &&
  Cause.isFailType(exit.cause) &&
  (exit.cause.error as CosError.MalformedResponse)._tag === "MalformedResponse"

/** The lengths of all lists, by where they are. */
const lengths = (value: unknown, path = ""): ReadonlyArray<readonly [path: string, length: number]> => {
  if (typeof value !== "object" || value === null || value instanceof Date) return []
  const own = Array.isArray(value) ? [[path, value.length] as const] : []
  return [...own, ...Object.entries(value).flatMap(([key, inner]) => lengths(inner, `${path}/${key}`))]
}

/** Lists of `expected` that are shorter in `actual`, or not there. */
const shortened = (expected: unknown, actual: unknown): ReadonlyArray<string> => {
  const found = new Map(lengths(actual))
  return lengths(expected).flatMap(([path, length]) => ((found.get(path) ?? 0) < length ? [path] : []))
}

const seed = 20_260_817

/** What a bit of damage puts into a document: all that means something to a parser, and some that does not. */
const character = FastCheck.constantFrom(...`<>/&;"'=!?-[]{},:#x0 aZé中\n\t\r`, "\u0000", "\u000b", "\ufffe", "\ud800")

/** One character replaced, taken away or put in. */
const damaged = (document: string) =>
  FastCheck.tuple(FastCheck.nat(document.length - 1), FastCheck.constantFrom(0, 1), FastCheck.option(character)).map(
    ([at, removed, put]) => document.slice(0, at) + (put ?? "") + document.slice(at + removed)
  )

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
      const damage = FastCheck.constantFrom(...samples).chain((sample) =>
        FastCheck.tuple(FastCheck.constant(sample), damaged(sample.document))
      )
      FastCheck.assert(
        FastCheck.property(damage, ([sample, document]) => {
          const exit = answer(sample, document)
          if (isMalformed(exit)) return
          expect([sample.title, document, exit]).toEqual([sample.title, document, Exit.succeed(expect.anything())])
          // Names of JSON that are not known are kept, so a damaged name moves a list.
          if (sample.document.startsWith("{")) return
          expect([
            document,
            shortened(
              sample.expected,
              Exit.getOrElse(exit, () => undefined)
            )
          ]).toEqual([document, []])
        }),
        { seed, numRuns: 4000 }
      )
    })

    it("what is no document at all is malformed", () =>
      FastCheck.assert(
        FastCheck.property(FastCheck.constantFrom(...samples), FastCheck.string(), (sample, body) => {
          if (body.trim() === "") return
          expect([sample.title, isMalformed(answer(sample, body))]).toEqual([sample.title, true])
        }),
        { seed, numRuns: 500 }
      ))
  })
}
