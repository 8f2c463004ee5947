/**
 * The command, from its source, in a process of its own.
 */
import { execFileSync, spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import * as Http from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

const bin = fileURLToPath(new URL("../src/bin.ts", import.meta.url))

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs it to its end; `use` gets what it printed once it is up. */
const run = (
  args: ReadonlyArray<string>,
  use?: (out: string, stop: () => void) => Promise<unknown>,
  variables: Readonly<Record<string, string>> = {}
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--import", "tsx", bin, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...variables }
    })
    let [out, err, used] = ["", "", false]
    child.stdout.on("data", (chunk) => {
      out += chunk
      if (used || use === undefined || !/NODE_EXTRA_CA_CERTS=.*\n/.test(out)) return
      used = true
      use(out, () => child.kill("SIGINT")).catch((error) => {
        child.kill("SIGKILL")
        reject(error)
      })
    })
    child.stderr.on("data", (chunk) => {
      err += chunk
    })
    child.on("close", (code) => resolve({ code, out, err }))
  })

/** Processes that are compiled as they start take their time on a machine that is busy. */
const seconds = 60_000

const variable = (out: string, name: string): string =>
  new RegExp(`^(?:export )?${name}=(.*)$`, "m").exec(out)?.[1] ?? ""

describe("the command", () => {
  it.live(
    "prints its environment, serves seeded objects, and stops while a request is open",
    () =>
      Effect.promise(async () => {
        const folder = mkdtempSync(join(tmpdir(), "cos-command-"))
        mkdirSync(join(folder, "seed", "seeded-1250000000", "a"), { recursive: true })
        writeFileSync(join(folder, "seed", "no bucket"), "")
        writeFileSync(join(folder, "seed", "seeded-1250000000", "a", "b.txt"), "seeded")
        mkdirSync(join(folder, "data"))
        execFileSync("mkfifo", [join(folder, "data", "ca.pem")])
        let certificate = ""
        const options = ["--seed", join(folder, "seed"), "--dir", join(folder, "data"), "--strict"]
        const ended = await run(options, async (out, stop) => {
          certificate = readFileSync(variable(out, "NODE_EXTRA_CA_CERTS"), "utf8")
          const control = variable(out, "COS_EMULATOR_CONTROL")
          const headers = { authorization: `Bearer ${variable(out, "COS_EMULATOR_CONTROL_TOKEN")}` }
          expect(out).toContain(`control   ${control}\n`)
          const stored = await fetch(`${control}/buckets/seeded-1250000000/bytes?key=a/b.txt`, { headers })
          expect(await stored.text()).toBe("seeded")
          const endpoint = variable(out, "COS_ENDPOINT")
          expect((await fetch(`${endpoint}/seeded-1250000000/a/b.txt`)).status).toBe(403)
          expect((await fetch(`${endpoint}/seeded-1250000000/a/b.txt?misspelt=1`)).status).toBe(400)
          const silence = '{"_tag":"Silence","when":"before"}'
          const open = Http.request(`${endpoint}/seeded-1250000000/k`, { headers: { "x-emulator-fault": silence } })
          open.on("error", () => {})
          open.end()
          // There once the journal has it.
          for (let seen = 0; seen < 3; )
            seen = ((await (await fetch(`${control}/journal`, { headers })).json()) as Array<unknown>).length
          stop()
        })
        expect([ended.code, ended.err]).toEqual([0, ""])
        expect(certificate).toContain("BEGIN CERTIFICATE")
        const files = readdirSync(join(folder, "data"), { recursive: true, withFileTypes: true })
        for (const file of files.filter((entry) => entry.isFile()))
          expect(readFileSync(join(file.parentPath, file.name), "latin1"), file.name).not.toContain("PRIVATE KEY")
        for (const name of ["COS_REGION", "COS_SECRET_ID", "COS_SECRET_KEY", "HTTP_PROXY", "HTTPS_PROXY"]) {
          expect(variable(ended.out, name), name).not.toBe("")
        }
        const file = variable(ended.out, "NODE_EXTRA_CA_CERTS")
        for (const name of ["CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
          expect(variable(ended.out, name), name).toBe(file)
        expect(variable(ended.out, "COS_BUCKET")).toBe("seeded-1250000000")
        // The control service is not behind the proxy.
        expect(variable(ended.out, "NO_PROXY")).toBe("127.0.0.1")
        rmSync(folder, { recursive: true })
      }),
    seconds
  )

  it.live(
    "has a control port beyond loopback only on request, with the token of its environment",
    () =>
      Effect.promise(async () => {
        const open = ["--host", "0.0.0.0"]
        const without = run(open, async (out, stop) => {
          expect(out).not.toContain("COS_EMULATOR_CONTROL=")
          expect(out).toContain("off: --control-port asks for it")
          stop()
        })
        const withPort = run(
          [...open, "--control-port", "0", "--control-host", "emulator.test"],
          async (out, stop) => {
            expect(variable(out, "COS_EMULATOR_CONTROL_TOKEN")).toBe("given")
            const port = new URL(variable(out, "COS_EMULATOR_CONTROL")).port
            const ask = (authorization: string, host: string) =>
              new Promise<number | undefined>((resolve, reject) => {
                const headers = { host, authorization }
                Http.get({ host: "127.0.0.1", port, path: "/faults", headers }, (response) => {
                  response.resume()
                  resolve(response.statusCode)
                }).on("error", reject)
              })
            expect(await ask("Bearer given", "emulator.test")).toBe(200)
            expect(await ask("Bearer given", "other.test")).toBe(403)
            expect(await ask("Bearer taken", "emulator.test")).toBe(401)
            stop()
          },
          { COS_EMULATOR_CONTROL_TOKEN: "given" }
        )
        const ended = await Promise.all([without, withPort])
        expect(ended.map(({ code, err }) => [code, err])).toEqual([
          [0, ""],
          [0, ""]
        ])
      }),
    seconds
  )

  it.live(
    "explains wrong options and seeds, and exits with 2 or 1",
    () =>
      Effect.promise(async () => {
        const folder = mkdtempSync(join(tmpdir(), "cos-command-"))
        mkdirSync(join(folder, "seeded-1250000000", "a"), { recursive: true })
        symlinkSync("..", join(folder, "seeded-1250000000", "a", "loop"))
        const [unknown, port, both, bucket, loop] = await Promise.all([
          run(["--prot", "1"]),
          run(["--port", "http"]),
          run(["--memory", "--dir", "x"]),
          run(["--bucket", "Photos"]),
          run(["--seed", folder])
        ])
        rmSync(folder, { recursive: true })
        expect([loop.code, loop.out]).toEqual([1, ""])
        expect(loop.err).toContain(`${join("a", "loop")} is a link to a directory that it is in`)
        expect([unknown.code, port.code, both.code, bucket.code]).toEqual([2, 2, 2, 2])
        expect(unknown.err).toContain("--prot")
        expect(port.err).toContain("--port must be a port")
        expect(bucket.err).toContain("Photos")
        expect((await run(["--version"])).out).toMatch(/^\d+\.\d+\.\d+\n$/)
      }),
    seconds
  )
})
