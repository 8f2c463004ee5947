import * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import type { CosClient } from "effect-cos/CosClient"
import { Emulator } from "effect-cos-emulator/Emulator"

/** The services that a scenario needs. */
export type Services = Emulator | CosClient | HttpClient.HttpClient

export type Scenario = readonly [name: string, body: Effect.Effect<void, unknown, Services>]

export const text = (body: Stream.Stream<Uint8Array, unknown>) => Stream.mkString(Stream.decodeText(Stream.orDie(body)))

/** The content of an object, as text. */
export const read = (input: Cos.GetObjectInput) =>
  Effect.scoped(Effect.flatMap(Cos.getObject(input), ({ body }) => text(body)))

/** The tag of the error. */
export const tagOf = <A, E extends { readonly _tag: string }, R>(self: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(self), ({ _tag }) => _tag)

export const at = (iso: string) => new Date(iso)
