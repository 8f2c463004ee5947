/** What holds for the types of every operation of `Cos`. */
import type { Redacted } from "effect/Redacted"
import type { Stream } from "effect/Stream"
import type * as Body from "effect-cos/Body"
import type * as Cos from "effect-cos/Cos"
import type * as CosError from "effect-cos/CosError"
import type * as CosXml from "effect-cos/CosXml"
import type * as Operation from "effect-cos/Operation"
import { type Equal, type IsAny, same } from "../../../test/types/Equal.js"
import type { errorsOf } from "./operations/errorsOf.js"

type Operations = {
  readonly [K in keyof typeof Cos as (typeof Cos)[K] extends { readonly spec: Operation.SpecData }
    ? K
    : never]: (typeof Cos)[K]
}

type Name = keyof Operations

// What has no fields that are looked into.
type Leaf =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | void
  | Date
  | Uint8Array
  | Blob
  | Body.Body
  | Redacted<Uint8Array>
  | Stream<Uint8Array, CosError.BodyError>

/** Elements that are kept as they are. */
type Elements = Exclude<CosXml.Node, string>

/** The places in a type that are `any` or `unknown`, however deep; `never` if there are none. */
type Untyped<A, Path extends string = ""> =
  IsAny<A> extends true
    ? Path
    : unknown extends A
      ? Path
      : A extends Leaf
        ? never
        : Equal<A, Elements> extends true
          ? never
          : A extends ReadonlyArray<infer Item>
            ? Untyped<Item, `${Path}[]`>
            : { [K in keyof A & string]-?: Untyped<A[K], `${Path}.${K}`> }[keyof A & string]

same<
  Untyped<{ a: ReadonlyArray<{ b: any }>; c?: unknown; d?: Date; e: { [name: string]: any } }>,
  ".a[].b" | ".c" | `.e.${string}`
>()

/** Else what follows would hold of nothing. */
type Missing = {
  [K in Name]: [Operation.Input<Operations[K]>] extends [never]
    ? K
    : [Operation.Success<Operations[K]>] extends [never]
      ? K
      : never
}[Name]
same<Missing, never>()

type UntypedInputs = { [K in Name]: Untyped<Operation.Input<Operations[K]>, K> }[Name]
same<UntypedInputs, never>()

type UntypedAnswers = { [K in Name]: Untyped<Operation.Success<Operations[K]>, K> }[Name]
same<UntypedAnswers, never>()

/** Every operation is in the table, and nothing else. */
same<keyof typeof errorsOf, Name>()

type Words<Text> = Text extends `${infer First} ${infer Rest}` ? First | Words<Rest> : Text extends "" ? never : Text

type Classes = {
  readonly [Tag in keyof typeof CosError as (typeof CosError)[Tag] extends CosError.AnyErrorClass
    ? Tag
    : never]: (typeof CosError)[Tag]
}

type InstanceOf<Class> = Class extends abstract new (...args: never) => infer Instance ? Instance : never

type Listed<K extends Name> = InstanceOf<Classes[Words<(typeof errorsOf)[K]> & keyof Classes]> | CosError.Common

/** The operations that fail with something else than what they list and what is common to all. */
type OtherErrors = { [K in Name]: Equal<Operation.Error<Operations[K]>, Listed<K>> extends true ? never : K }[Name]
same<OtherErrors, never>()
