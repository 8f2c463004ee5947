/**
 * Assertions about types, for the `*.types.ts` files: they are never run, only compiled with everything else.
 * What must not compile stands under a `@ts-expect-error`.
 */

/** `true` if the two are the same type, `any`, unions, optional and readonly fields told apart; else `false`. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** `true` if the type is `any`. */
export type IsAny<A> = 0 extends 1 & A ? true : false

/** The fields of a type, nested ones included (`a.b`), that are `any`; `never` if there is none. */
export type AnyFields<A, Path extends string = ""> = {
  [K in keyof A & string]-?: IsAny<A[K]> extends true
    ? `${Path}${K}`
    : NonNullable<A[K]> extends infer V extends Readonly<Record<string, unknown>>
      ? AnyFields<V, `${Path}${K}.`>
      : never
}[keyof A & string]

/** Does not compile unless `A` is the same type as `B`: `same<Expected, Actual>()`. */
export declare const same: <A, B>(...differs: Equal<A, B> extends true ? [] : [expected: A, actual: B]) => void

/** Does not compile unless `A` is `true`: `holds<IsAny<X>>()`. */
export declare const holds: <_A extends true>() => void
