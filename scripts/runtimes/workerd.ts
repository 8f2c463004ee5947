/** workerd with the suite as its worker: it listens until the scope closes. */
import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import type { Readable } from "node:stream"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import { Failed } from "../tool.js"

/** `private`: the emulator is on loopback. */
const capnp = (module: string) => `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "suite", worker = .suite),
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true)))
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "suite")]
);

const suite :Workerd.Worker = (
  modules = [(name = "suite", esModule = embed "${module}")],
  compatibilityDate = "2026-11-01"
);
`

interface Started {
  readonly child: ChildProcess
  /** What it wrote to standard error: also every connection that fails, as some are meant to. */
  readonly complaints: Array<string>
  readonly end: Promise<void>
}

/** Gives where it listens, and its complaints. */
const start = (binary: string, config: string) =>
  Effect.acquireRelease(
    Effect.sync((): Started => {
      const child = spawn(binary, ["serve", config, "--control-fd=3"], {
        stdio: ["ignore", "ignore", "pipe", "pipe"]
      })
      const complaints: Array<string> = []
      child.stderr?.setEncoding("utf8").on("data", (text: string) => complaints.push(text))
      return { child, complaints, end: new Promise((done) => child.once("close", () => done())) }
    }),
    ({ child, end }) =>
      Effect.promise(() => {
        child.kill("SIGKILL")
        return end
      })
  ).pipe(
    Effect.flatMap(({ child, complaints }) =>
      Effect.async<{ readonly url: string; readonly complaints: ReadonlyArray<string> }, Failed>((resume) => {
        createInterface(child.stdio[3] as Readable).on("line", (line) => {
          const { event, port }: { readonly event?: string; readonly port?: number } = JSON.parse(line)
          if (event === "listen") {
            resume(Effect.succeed({ url: `http://127.0.0.1:${port}`, complaints }))
          }
        })
        child.once("error", ({ message }) => resume(new Failed(message)))
        child.once("exit", (code) => resume(new Failed(`workerd ended with ${code}\n${complaints.join("")}`)))
      })
    )
  )

/** Runs the suite with a config, and gives what it wrote. */
export const runWorkerd = (binary: string, module: string, config: unknown) =>
  Effect.scoped(
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const file = module.replace(/\.mjs$/, ".capnp")
      yield* fs.writeFileString(file, capnp(module.replace(/^.*\//, "")))
      const { complaints, url } = yield* start(binary, file)
      const output = yield* Effect.tryPromise({
        try: async () => (await globalThis.fetch(url, { method: "POST", body: JSON.stringify(config) })).text(),
        catch: (error) => new Failed(`workerd: ${error}\n${complaints.join("")}`)
      })
      return { ok: true, output }
    })
  )
