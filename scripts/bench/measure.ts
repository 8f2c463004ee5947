/** Runs the variants of a case, each in a process of its own. */
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { cpus, loadavg, totalmem } from "node:os"
import type { Case } from "./bench.js"
import { clearOut, folder } from "./data.js"
import type { Machine, Result } from "./results.js"
import type { Figures } from "./variants.js"

/** It would warn of this version of Node in every process. */
const env = { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" }

/** Milliseconds after which a variant is given up. The longest takes five minutes on a quiet machine. */
const limit = 20 * 60_000

/** Starts a child process and waits for its first message. */
const start = async <A>(name: string, ...args: ReadonlyArray<string>): Promise<readonly [ChildProcess, A]> => {
  const child = fork(`${folder}/built/${name}.mjs`, args, {
    execArgv: [],
    env,
    ...(name === "client" ? { timeout: limit } : undefined)
  })
  const message = await Promise.race([
    once(child, "message"),
    once(child, "exit").then(([code, signal]) => {
      throw new Error(`${name} ${args.join(" ")} ended with ${code ?? signal}`)
    })
  ])
  return [child, message[0]]
}

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit")
}

const versionOf = (name: string): string =>
  JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")).version

const packages = ["effect", "@effect/platform", "undici", "cos-nodejs-sdk-v5", "@aws-sdk/client-s3"]

export const machine: Machine = {
  cpu: cpus()[0]?.model ?? "unknown",
  cores: String(cpus().length),
  memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
  system: `${process.platform} ${process.arch}`,
  node: process.versions.node,
  ...Object.fromEntries(packages.map((name) => [name, versionOf(name)]))
}

const rounded = (figures: Figures): Figures =>
  Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Number(Number(value).toPrecision(4))]))

/**
 * The variants take turns, round by round, so that other load on the machine affects all of them. One that fails in the
 * first round, as some do with very many files, is left out.
 */
export const measure = async (bench: string, name: string, found: Case, rounds: number): Promise<Result> => {
  const load = loadavg()[0] ?? Number.NaN
  const [server, port] = await start<number>("server", String(found.latency ?? 0))
  const figures = new Map(Object.keys(found.variants).map((variant) => [variant, [] as Array<Figures>]))
  try {
    for (let round = 0; round < rounds; round++) {
      for (const [variant, list] of figures) {
        clearOut()
        try {
          const [child, message] = await start<Figures>(
            "client",
            bench,
            name,
            variant,
            `http://127.0.0.1:${port}`,
            String(found.count),
            String(found.warmUp ?? 0)
          )
          await ended(child)
          list.push(rounded(message))
        } catch (error) {
          console.error(`${bench}: ${name}: ${variant} failed: ${error instanceof Error ? error.message : error}`)
          figures.delete(variant)
        }
      }
    }
  } finally {
    server.kill()
    clearOut()
  }
  if (figures.size === 0) throw new Error("no variant could be measured")
  return {
    date: new Date().toISOString().slice(0, 10),
    count: found.count,
    load: Math.round(load * 10) / 10,
    machine,
    rounds: Object.fromEntries(figures)
  }
}
