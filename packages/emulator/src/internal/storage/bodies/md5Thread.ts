/**
 * MD5 on a thread of its own: it is half of the work on a large body.
 */
import { Worker } from "node:worker_threads"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** A digest that is being computed. */
export interface Md5 {
  /** Adds bytes, which must not change until this resolves. */
  readonly update: (bytes: Uint8Array<SharedArrayBuffer>) => Promise<void>
  /** The digest of all bytes, in hexadecimal. Nothing can be added any more. */
  readonly digest: () => Promise<string>
  /** Discards the digest. */
  readonly drop: () => void
}

// A string, because a bundler would not find a separate file.
const source = `
  const { createHash } = require("node:crypto")
  const { parentPort } = require("node:worker_threads")
  const sums = new Map()
  parentPort.on("message", ({ id, bytes }) => {
    const sum = sums.get(id) ?? createHash("md5")
    sums.set(id, sum)
    if (bytes === undefined) sums.delete(id)
    else sum.update(bytes)
    parentPort.postMessage(bytes === undefined ? sum.digest("hex") : undefined)
  })
`

interface Thread {
  /** Replies come in the order of the requests. The process does not end while one is missing. */
  readonly ask: <A>(question: { readonly id: number; readonly bytes?: Uint8Array<SharedArrayBuffer> }) => Promise<A>
  readonly stop: () => Promise<unknown>
}

const start = (onEnd: () => void): Thread => {
  const worker = new Worker(source, { eval: true, execArgv: [] })
  const waiting: Array<{ readonly resolve: (answer: never) => void; readonly reject: (error: Error) => void }> = []
  let ended: Error | undefined
  const end = (error: Error) => {
    ended ??= error
    for (const { reject } of waiting.splice(0)) reject(ended)
    onEnd()
  }
  worker.on("message", (answer) => {
    waiting.shift()?.resolve(answer as never)
    if (waiting.length === 0) worker.unref()
  })
  worker.on("error", end)
  worker.on("exit", () => end(new Error("the thread has ended")))
  worker.unref()
  return {
    ask: (question) =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) return reject(ended)
        waiting.push({ resolve, reject })
        worker.ref()
        worker.postMessage(question)
      }),
    stop: () => worker.terminate()
  }
}

/** Starts digests. The thread starts with the first one, and ends with the scope. */
export const make: Effect.Effect<() => Md5, never, Scope.Scope> = Effect.gen(function* () {
  let thread: Thread | undefined
  let last = 0
  yield* Effect.addFinalizer(() => Effect.promise(async () => thread?.stop()))
  return () => {
    thread ??= start(() => {
      thread = undefined
    })
    const { ask } = thread
    const id = last++
    let ended = false
    const end = () => {
      ended = true
      return ask<string>({ id })
    }
    return {
      update: (bytes) => ask({ id, bytes }),
      digest: end,
      drop: () => {
        if (!ended) end().catch(() => undefined)
      }
    }
  }
})
