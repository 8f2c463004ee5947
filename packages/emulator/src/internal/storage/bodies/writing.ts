/**
 * Writes bodies: small ones are gathered in memory and become records, larger ones go to a file.
 */
import { createHash, randomUUID } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Crc64 from "effect-cos/Crc64"
import { attempt, garbageKey } from "../records/tables.js"
import { Hook, type StagedBody, type StorageError } from "../Storage.js"
import { type BodyState, newBody } from "./bodiesInUse.js"
import type { Files, FileWriter } from "./files.js"
import { blockSize } from "./reading.js"

/** Bodies up to this many bytes become records even if there are files. */
const inlineLimit = 64 * 1024

interface Gathered {
  /** Appends a copy of the bytes. */
  readonly add: (bytes: Uint8Array) => void
  /** All of {@link blockSize} but the last. */
  readonly blocks: () => ReadonlyArray<Uint8Array>
  /** In hexadecimal; nothing can be added any more. */
  readonly md5: () => string
}

const gather = (): Gathered => {
  const md5 = createHash("md5")
  const blocks: Array<Uint8Array> = []
  let block = new Uint8Array(0)
  let used = 0
  const add = (bytes: Uint8Array): void => {
    md5.update(bytes)
    for (let rest = bytes; rest.length > 0; ) {
      const next = rest.subarray(0, blockSize - used)
      if (used + next.length > block.length) {
        const larger = new Uint8Array(Math.min(blockSize, Math.max(used + next.length, 2 * block.length)))
        larger.set(block.subarray(0, used))
        block = larger
      }
      block.set(next, used)
      used += next.length
      rest = rest.subarray(next.length)
      if (used < blockSize) continue
      blocks.push(block)
      block = new Uint8Array(blockSize)
      used = 0
    }
  }
  return {
    add,
    blocks: () => (used === 0 ? blocks : [...blocks, block.slice(0, used)]),
    md5: () => md5.digest("hex")
  }
}

const staged = (body: string, size: number, md5: string, crc64: bigint): StagedBody => ({
  size,
  md5,
  crc64,
  segments: size === 0 ? [] : [{ body, offset: 0, length: size }]
})

const writeBytes = (state: BodyState, bytes: Uint8Array): Effect.Effect<StagedBody, StorageError, Scope.Scope> =>
  Effect.suspend(() => {
    const body = `i${randomUUID()}`
    const result = staged(body, bytes.length, createHash("md5").update(bytes).digest("hex"), Crc64.of(bytes))
    return Effect.as(newBody(state, body, [new Uint8Array(bytes)]), result)
  })

const writeStream = <E, R>(
  state: BodyState,
  stream: Stream.Stream<Uint8Array, E, R>,
  hook: Hook.Service
): Effect.Effect<StagedBody, E | StorageError, Exclude<R, Scope.Scope> | Scope.Scope> =>
  Effect.flatMap(Effect.scope, (outer) =>
    Effect.scoped(
      Effect.gen(function* () {
        const { files } = state
        const inner = yield* Effect.scope
        const id = randomUUID()
        const crc64 = Crc64.make()
        const gathered = gather()
        let size = 0
        let writer: FileWriter | undefined

        const openWriter = (files: Files) =>
          Effect.gen(function* () {
            yield* attempt(() => Either.right(state.records.transact((tx) => tx.put(garbageKey(`f${id}`), true))))
            yield* Scope.extend(newBody(state, `f${id}`, []), outer)
            writer = yield* Scope.extend(files.create(`f${id}`), inner)
            yield* Effect.forEach(gathered.blocks(), writer.write, { discard: true })
            return writer
          })

        const take = (bytes: Uint8Array): Effect.Effect<void, StorageError> => {
          crc64.update(bytes)
          size += bytes.length
          if (writer !== undefined) return writer.write(bytes)
          if (files !== undefined && size > inlineLimit) {
            return Effect.flatMap(openWriter(files), ({ write }) => write(bytes))
          }
          gathered.add(bytes)
          return Effect.void
        }

        const step = (bytes: Uint8Array) =>
          hook === undefined
            ? take(bytes)
            : Effect.zipRight(
                hook("write", size + bytes.length),
                Effect.suspend(() => take(bytes))
              )

        // pulling costs half of what Stream.runForEach does
        const pull = yield* Stream.toPull(stream)
        const takeAll: Effect.Effect<void, Option.Option<E | StorageError>, R> = Effect.flatMap(pull, (chunk) =>
          Effect.flatMap(Effect.mapError(Effect.forEach(chunk, step, { discard: true }), Option.some), () => takeAll)
        )
        yield* Effect.catchAll(takeAll, Option.match({ onNone: () => Effect.void, onSome: Effect.fail }))
        if (writer !== undefined) return staged(`f${id}`, size, yield* writer.finish, crc64.value)
        yield* Scope.extend(newBody(state, `i${id}`, gathered.blocks()), outer)
        return staged(`i${id}`, size, gathered.md5(), crc64.value)
      })
    )
  )

/** Stages a body: it belongs to the scope until a transaction names it. */
export const write = <E, R>(
  state: BodyState,
  body: Uint8Array | Stream.Stream<Uint8Array, E, R>
): Effect.Effect<StagedBody, E | StorageError, R | Scope.Scope> =>
  Effect.flatMap(Hook, (hook) => {
    const small = body instanceof Uint8Array && body.length <= inlineLimit && hook === undefined
    if (small) return writeBytes(state, body)
    const stored = writeStream(state, body instanceof Uint8Array ? Stream.make(body) : body, hook)
    return hook === undefined ? stored : Effect.tap(stored, ({ size }) => hook("staged", size))
  })
