/**
 * Tries to become the owner of a directory, says how that went in one line, and stays: as a process, with the directory
 * and the means as arguments, or as a worker thread with them as its data.
 */
import { writeSync } from "node:fs"
import { parentPort, workerData } from "node:worker_threads"
import * as Effect from "effect/Effect"
import * as Lock from "../../src/internal/storage/disk/lock.js"

const [directory = "", means] = (workerData as ReadonlyArray<string> | null) ?? process.argv.slice(2)

const say = (line: string) => {
  if (parentPort === null) writeSync(1, `${line}\n`)
  else parentPort.postMessage(line)
}

setInterval(() => undefined, 1000)

Effect.runFork(
  Effect.scoped(
    Effect.matchEffect(Lock.acquire(directory, means === undefined ? undefined : [means as Lock.Means]), {
      onFailure: ({ message }) => Effect.sync(() => say(message)),
      onSuccess: (taken) =>
        Effect.zipRight(
          Effect.sync(() => say(`owner by ${taken}`)),
          Effect.never
        )
    })
  )
)
