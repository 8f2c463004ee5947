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
  compatibilityDate = "2026-11-01",
  compatibilityFlags = ["nodejs_compat"]
);
`

interface Started {
  readonly child: ChildProcess
  readonly end: Promise<void>
}

/** Where it listens. */
const start = (binary: string, config: string) =>
  Effect.acquireRelease(
    Effect.sync((): Started => {
      const child = spawn(binary, ["serve", config, "--control-fd=3"], {
        stdio: ["ignore", "inherit", "inherit", "pipe"]
      })
      return { child, end: new Promise((done) => child.once("close", () => done())) }
    }),
    ({ child, end }) =>
      Effect.promise(() => {
        child.kill("SIGKILL")
        return end
      })
  ).pipe(
    Effect.flatMap(({ child }) =>
      Effect.async<string, Failed>((resume) => {
        createInterface(child.stdio[3] as Readable).on("line", (line) => {
          const { event, port }: { readonly event?: string; readonly port?: number } = JSON.parse(line)
          if (event === "listen") resume(Effect.succeed(`http://127.0.0.1:${port}`))
        })
        child.once("error", ({ message }) => resume(new Failed(message)))
        child.once("exit", (code) => resume(new Failed(`workerd ended with ${code}`)))
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
      const url = yield* start(binary, file)
      const output = yield* Effect.tryPromise({
        try: async () => (await globalThis.fetch(url, { method: "POST", body: JSON.stringify(config) })).text(),
        catch: (error) => new Failed(`workerd: ${error}`)
      })
      return { ok: true, output }
    })
  )
