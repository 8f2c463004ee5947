/** The reference of the operations, which is made of their declarations and loaded for help only. */
import * as Effect from "effect/Effect"

export interface Entry {
  readonly group: string
  readonly doc: string
  /** Such as `PUT /?cors`. */
  readonly request: string
  readonly page: string
  readonly permissions: ReadonlyArray<string>
  readonly fields: ReadonlyArray<ReferenceField>
  readonly output: ReadonlyArray<ReferenceField>
  readonly errors: ReadonlyArray<string>
}

export interface ReferenceField {
  /** Such as `rules[].id`. */
  readonly name: string
  readonly type: string
  readonly doc: string
  readonly required?: boolean
}

export type Reference = Readonly<Record<string, Entry>>

export const load: Effect.Effect<Reference> = Effect.promise(() =>
  import("./reference.json", { with: { type: "json" } }).then(({ default: found }) => found as unknown as Reference)
)

/** The first sentence of a description. */
export const firstSentence = (text: string): string =>
  /^[\s\S]*?[.:](?=\s|$)/.exec(text)?.[0].replace(/[.:]$/, "") ?? text
