/**
 * Storage in memory: one persistent tree, no I/O, every Effect synchronous, so that it works under `TestClock`.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Order from "effect/Order"
import * as RedBlackTree from "effect/RedBlackTree"
import * as Bodies from "./bodies/bodies.js"
import * as Engine from "./engine/engine.js"
import type { Records, Transaction } from "./records/tables.js"
import { Storage } from "./Storage.js"

const makeRecords = (): Records => {
  // the tree is persistent, so an iteration sees what was there when it began
  let tree = RedBlackTree.empty<string, unknown>(Order.string)
  let sequence = 0
  const tx: Omit<Transaction, "sequence"> = {
    get: <A>(key: string) => Option.getOrUndefined(RedBlackTree.findFirst(tree, key)) as A | undefined,
    *range<A>(from: string, to: string) {
      for (const entry of RedBlackTree.greaterThanEqual(tree, from)) {
        if (entry[0] >= to) return
        yield entry as [string, A]
      }
    },
    put: (key, value) => {
      tree = RedBlackTree.insert(RedBlackTree.removeFirst(tree, key), key, value)
    },
    remove: (key) => {
      tree = RedBlackTree.removeFirst(tree, key)
    }
  }
  return { get: tx.get, range: tx.range, transact: (body) => body({ ...tx, sequence: ++sequence }) }
}

export const make: Effect.Effect<Storage.Service> = Effect.sync(() => {
  const records = makeRecords()
  return Engine.make(records, Bodies.make(records))
})

export const layer: Layer.Layer<Storage> = Layer.effect(Storage, make)
