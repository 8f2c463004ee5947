/** The assertions themselves: each of them can fail. */
import { type AnyFields, type Equal, holds, type IsAny, same } from "./Equal.js"

same<{ readonly a?: string }, { readonly a?: string }>()
same<Equal<string, any>, false>()
same<Equal<"a" | "b", "a">, false>()
same<Equal<{ a?: string }, { a: string | undefined }>, false>()
same<Equal<{ a: string }, { readonly a: string }>, false>()
same<AnyFields<{ a: string; b?: { c: any; d: Date } }>, "b.c">()
same<AnyFields<{ a: string; b?: { c: number } }>, never>()
holds<IsAny<any>>()

// @ts-expect-error different types
same<string, number>()
// @ts-expect-error any is not unknown
same<unknown, any>()
// @ts-expect-error not any
holds<IsAny<unknown>>()
