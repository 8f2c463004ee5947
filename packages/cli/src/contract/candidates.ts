/**
 * What a word that somebody is typing may go on as: buckets and keys of an address, and profiles. A shell asks at every press
 * of a key, so it is soon done and says nothing of what goes wrong.
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Cos from "effect-cos/Cos"
import * as Profile from "effect-cos/Profile"
import { print } from "../address.js"
import { withClient } from "../client.js"
import type { Globals } from "./globals.js"
import type { Output } from "./output.js"

type Found = Effect.Effect<ReadonlyArray<string>, never, Globals | Output | FileSystem.FileSystem | Path.Path>

/** Nobody waits longer. */
const limit = "2 seconds"

/** Nobody reads more. */
const most = 1000

/** A shell reads them line by line, and a terminal shows them. */
const isPlain = (text: string): boolean => !/[\u0000-\u001f\u007f-\u009f]/.test(text)

const buckets = (begin: string) =>
  Cos.listBuckets.items({}).pipe(
    Stream.map(({ name }) => print({ bucket: name, key: "" })),
    Stream.filter((address) => address.startsWith(begin))
  )

/** One level below. */
const keys = (bucket: string | undefined, prefix: string) =>
  Cos.listObjects.pages({ bucket, prefix, delimiter: "/", maxKeys: most }).pipe(
    Stream.take(1),
    Stream.mapConcat(({ commonPrefixes, contents }) => [...commonPrefixes, ...contents.map(({ key }) => key)]),
    Stream.map((key) => print({ bucket, key }))
  )

/** Addresses that begin so. */
export const addresses = (begin: string): Found => {
  const [, bucket, prefix] = /^cos:\/\/([^/]*)\/(.*)$/s.exec(begin) ?? []
  if (prefix === undefined && !/^cos(:\/{0,2}|:\/\/[^/]*)$/.test(begin)) return Effect.succeed([])
  const found = prefix === undefined ? buckets(begin) : keys(bucket === "" ? undefined : bucket, prefix)
  return found.pipe(
    Stream.filter((address) => address !== begin && isPlain(address)),
    Stream.take(most),
    Stream.runCollect,
    withClient,
    Effect.map(Chunk.toReadonlyArray),
    Effect.disconnect,
    Effect.timeoutOption(limit),
    Effect.map(Option.getOrElse(() => [])),
    Effect.catchAllCause(() => Effect.succeed([]))
  )
}

/** Profiles of tccli that begin so. */
export const profiles = (begin: string): Found =>
  Profile.list().pipe(
    Effect.map((names) => names.filter((name) => name.startsWith(begin))),
    Effect.catchAllCause(() => Effect.succeed([]))
  )
