/** Pages in Chromium, with real CORS over a port: the demo, hidden headers, and Uppy. */
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { expect, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Cors from "effect-cos/Cors"
import * as Cos from "effect-cos/Cos"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import type { Page } from "playwright-core"
import { describe } from "vitest"
import { bundle, demoPages, serve } from "../../scripts/demo/browser/server.js"
import { browser, hasChromium, texts, watch } from "../support/chromium.js"
import { MiB } from "../support/content.js"
import * as World from "../support/world.js"
import type { Outcome } from "./page.js"

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url))

const settings = Effect.map(Emulator, ({ endpoint }) => ({
  bucket: World.bucket,
  region: World.region,
  endpoint,
  prefix: "uploads/"
}))

/** A server with these pages, a page that shows one, and CORS rules as they are put. */
const open = (pages: Readonly<Record<string, string>>, path = "/") =>
  Effect.gen(function* () {
    const origin = yield* serve(yield* settings, pages)
    const page = yield* Effect.acquireRelease(
      Effect.promise(async () => {
        const page = await (shared.context as NonNullable<typeof shared.context>).newPage()
        page.setDefaultTimeout(120_000)
        return page
      }),
      (page) => Effect.promise(() => page.close())
    )
    const { credentials, endpoint } = yield* Emulator
    const seen = watch(page, (url) => !url.startsWith(endpoint) || !url.includes("partNumber"))
    return { origin, page, seen, secret: secretOf(credentials.secretKey), goto: () => page.goto(origin + path) }
  })

const secretOf = (secret: string | Redacted.Redacted<string>) =>
  Redacted.isRedacted(secret) ? Redacted.value(secret) : secret

/** One browser for all tests of this file. */
const shared: { context: Effect.Effect.Success<typeof browser> | undefined } = { context: undefined }

const Chromium = Layer.scopedDiscard(
  Effect.map(browser, (context) => {
    shared.context = context
  })
)

const ready = (page: Page) => page.waitForSelector("body[data-ready]", { state: "attached" })

const counts = Effect.map(World.asked, ({ optionsObject: _, ...asked }) => asked)

/** Picks a file that is made on the page. */
const pick = (page: Page, name: string, mebibytes: number) =>
  page.evaluate(
    ({ mebibytes, name }) => {
      const bytes = new Uint8Array(mebibytes * 1024 * 1024)
      const view = new DataView(bytes.buffer)
      for (let i = 0; i < bytes.length; i += 4096) view.setUint32(i, i, true)
      const files = new DataTransfer()
      files.items.add(new File([bytes], name))
      const input = document.getElementById("pick") as HTMLInputElement
      input.files = files.files
      input.dispatchEvent(new Event("change"))
    },
    { mebibytes, name }
  )

/** Waits until so many of the 16 parts are done. */
const partsDone = (page: Page, least: number) =>
  page.waitForFunction(
    (least) => Number(/part (\d+) of 16/.exec(document.querySelector(".amount")?.textContent ?? "")?.[1]) >= least,
    least
  )

/** The rules with some headers hidden. */
const rulesWithout = (origin: string, names: ReadonlyArray<string>) => {
  const made = Cors.forBrowser({ origins: [origin], metadata: ["a"], maxAge: 0 })
  return {
    ...made,
    rules: made.rules.map((rule) => ({
      ...rule,
      exposeHeaders: rule.exposeHeaders?.filter((name) => !names.includes(name)) ?? []
    }))
  }
}

describe.skipIf(!hasChromium)("in Chromium", () => {
  layer(Layer.mergeAll(World.onPort(), NodeFileSystem.layer, Chromium), {
    timeout: 120_000,
    excludeTestServices: true
  })((it) => {
    it.scoped(
      "64 MiB in parts: progress, pause, a reload, resume without sending parts again, cancel, and no secret on the page",
      () =>
        Effect.gen(function* () {
          const emulator = yield* Emulator
          const { goto, origin, page, secret, seen } = yield* open(yield* demoPages)
          yield* Cos.putBucketCors(Cors.forBrowser({ origins: [origin] }))
          yield* emulator.clearJournal
          // From a certain part on nothing is answered, so that the page stops in the middle of parts.
          const holdFrom = (nth: number) =>
            emulator.fault({ on: { operation: "uploadPart", nth, times: "all" }, do: Fault.silence("before") })
          yield* holdFrom(6)
          const bytes = Buffer.alloc(64 * MiB)
          for (let i = 0; i < bytes.length; i += 4096) bytes.writeUInt32LE(i, i)
          yield* Effect.promise(async () => {
            const state = (state: string) => page.waitForSelector(`li[data-state="${state}"]`)
            await goto()
            await ready(page)
            await pick(page, "large.bin", 64)
            await partsDone(page, 5)
            if (process.env.SCREENSHOT !== undefined) await page.screenshot({ path: process.env.SCREENSHOT })
            await page.click(".pause")
            await state("paused")
          })
          const sent = yield* World.partsSent
          yield* emulator.clearFaults
          yield* holdFrom(6)
          yield* Effect.promise(async () => {
            await page.click(".resume")
            await partsDone(page, 10)
            // The page is gone in the middle of parts.
            await page.goto("about:blank")
          })
          expect((yield* World.unfinishedUploads).length).toBe(1)
          yield* emulator.clearFaults
          yield* Effect.promise(async () => {
            await goto()
            await page.waitForSelector(`li[data-state="succeeded"]`)
          })
          expect(sent.length).toBeLessThan(16)
          yield* World.expectStored("uploads/large.bin", bytes)
          // Preflights of parts are requests of their own.
          const acknowledged = (yield* World.requests("uploadPart"))
            .filter(({ outcome, status }) => status === 200 && outcome === "completed")
            .map(({ partNumber }) => partNumber)
          expect(acknowledged.toSorted((a = 0, b = 0) => a - b)).toEqual(Array.from({ length: 16 }, (_, i) => i + 1))
          expect((yield* counts).initiateMultipartUpload).toBe(1)
          expect(yield* World.unfinishedUploads).toEqual([])
          const sentToPage = yield* Effect.promise(() => texts(page, seen))
          expect(sentToPage.length).toBeGreaterThan(50)
          expect(sentToPage.filter((text) => text.includes(secret))).toEqual([])
        }),
      120_000
    )

    it.scoped(
      "cancel leaves no upload",
      () =>
        Effect.gen(function* () {
          const emulator = yield* Emulator
          const { goto, origin, page } = yield* open(yield* demoPages)
          yield* Cos.putBucketCors(Cors.forBrowser({ origins: [origin] }))
          yield* emulator.scopedFault({
            on: { operation: "uploadPart", nth: 3, times: "all" },
            do: Fault.silence("before")
          })
          yield* Effect.promise(async () => {
            await goto()
            await ready(page)
            await pick(page, "other.bin", 32)
            await page.waitForFunction(() =>
              /part [1-9]\d* of/.test(document.querySelector(".amount")?.textContent ?? "")
            )
            await page.click(".cancel")
            await page.waitForSelector(`li[data-state="cancelled"]`)
          })
          expect(yield* World.unfinishedUploads).toEqual([])
          yield* World.expectStored("uploads/other.bin", undefined)
        }),
      120_000
    )

    it.scoped(
      "hidden headers: success with a warning, or one error that names the header; never a second request",
      () =>
        Effect.gen(function* () {
          const emulator = yield* Emulator
          const { goto, origin, page } = yield* open({
            "/": "<!doctype html><body><script type=module src=/page.js></script>",
            "/page.js": yield* bundle(file("page.ts"))
          })
          yield* Cos.putObject({
            key: "uploads/gzip",
            body: gzipSync(Buffer.alloc(10_000, "a")),
            contentEncoding: "gzip"
          })
          yield* Effect.promise(async () => {
            // What an earlier rule exposed may be in the browser's cache.
            const session = await page.context().newCDPSession(page)
            await session.send("Network.setCacheDisabled", { cacheDisabled: true })
            await goto()
            await ready(page)
          })
          const run = (name: string) =>
            Effect.gen(function* () {
              yield* emulator.clearJournal
              const outcome = yield* Effect.promise(
                () => page.evaluate(`run(${JSON.stringify(name)})`) as Promise<Outcome>
              )
              const asked = yield* counts
              const repeated = Object.entries(asked).filter(([name, count]) => count > (name === "uploadPart" ? 4 : 1))
              expect([name, repeated, outcome.error?.message]).toEqual([name, [], outcome.error?.message])
              return { ...outcome, asked }
            })
          const all = ["put", "head", "whole", "range", "gzip", "parts"] as const
          const succeed = Effect.forEach(all, (name) =>
            Effect.map(run(name), (outcome) => {
              expect([name, outcome.error]).toEqual([name, undefined])
              return [name, outcome] as const
            })
          )

          // No rules at all: the preflight is refused, and one error says so.
          for (const name of ["put", "head", "parts"]) {
            const { asked, error } = yield* run(name)
            expect(error).toMatchObject({ _tag: "TransportError", reason: "Cors" })
            expect(error?.message).toContain("CORS")
            expect(asked.putObject ?? 0).toBe(0)
          }

          yield* Cos.putBucketCors(rulesWithout(origin, []))
          const complete = Object.fromEntries(yield* succeed)
          expect(complete.head?.value).toMatchObject({
            metadata: { a: "b" },
            storageClass: "STANDARD",
            contentLength: 10
          })
          expect(complete.range?.value).toBe("234")
          expect(complete.gzip?.value).toBe(10_000)
          expect(Object.values(complete).flatMap((outcome) => outcome?.warnings ?? [])).toEqual([])

          for (const header of ["ETag", "x-cos-hash-crc64ecma", "Content-Range", "Content-Encoding", "x-cos-meta-a"]) {
            yield* Cos.putBucketCors(rulesWithout(origin, [header, "Access-Control-Expose-Headers"]))
            const outcomes = Object.fromEntries(yield* succeed)
            const warnings = Object.values(outcomes).flatMap((outcome) => outcome?.warnings ?? [])
            const named = header === "x-cos-meta-a" ? "x-cos-meta-*" : header
            expect([header, warnings.filter((warning) => warning.includes(named)).length > 0]).toEqual([header, true])
            expect(outcomes.parts?.value).toMatchObject({ parts: 4, size: 3 * MiB + 7 })
            expect(outcomes.gzip?.value).toBe(10_000)
            if (header === "ETag") expect(outcomes.put?.value).not.toHaveProperty("eTag", expect.any(String))
          }

          // Nothing is exposed but what every page may read.
          yield* Cos.putBucketCors({
            rules: rulesWithout(origin, []).rules.map((rule) => ({ ...rule, exposeHeaders: [] }))
          })
          const bare = Object.fromEntries(yield* succeed)
          expect(bare.parts?.asked).toMatchObject({ uploadPart: 4, listParts: 1, completeMultipartUpload: 1 })
        }),
      120_000
    )

    for (const version of [5, 6]) {
      it.scoped(
        `@uppy/aws-s3 ${version} uploads 30 MiB in parts, and a file in one request`,
        () =>
          Effect.gen(function* () {
            const alias: Record<string, string> =
              version === 5 ? { "@uppy/core": "uppy-core-5", "@uppy/aws-s3": "uppy-aws-s3-5" } : {}
            const { goto, origin, page, secret, seen } = yield* open({
              "/": "<!doctype html><body><script type=module src=/page.js></script>",
              "/page.js": yield* bundle(file("uppyPage.ts"), alias)
            })
            yield* Cos.putBucketCors(Cors.forBrowser({ origins: [origin] }))
            yield* (yield* Emulator).clearJournal
            yield* Effect.promise(async () => {
              await goto()
              await ready(page)
            })
            const upload = (name: string, mebibytes: number, inParts: boolean) =>
              Effect.promise(
                () =>
                  page.evaluate(
                    `upload(${JSON.stringify(name)}, ${mebibytes}, ${inParts}, { caption: "a" })`
                  ) as Promise<{ readonly successful: number; readonly errors: ReadonlyArray<string> }>
              )
            const large = `uppy ${version} ü.png`
            expect(yield* upload(large, 30, true)).toMatchObject({ successful: 1, errors: [] })
            yield* World.expectStored(`uploads/${large}`, new Uint8Array(30 * MiB).fill(7))
            expect((yield* World.partsSent).length).toBe(6)
            const small = `small-${version}.png`
            expect(yield* upload(small, 1, false)).toMatchObject({ successful: 1, errors: [] })
            yield* World.expectStored(`uploads/${small}`, new Uint8Array(MiB).fill(7))
            const { contentType, metadata } = yield* Cos.headObject({ key: `uploads/${small}` })
            expect({ contentType, metadata }).toEqual({ contentType: "image/png", metadata: { caption: "a" } })
            const refused = yield* upload("secret.png", 1, true)
            expect(refused.successful).toBe(0)
            expect(yield* World.unfinishedUploads).toEqual([])
            const sentToPage = yield* Effect.promise(() => texts(page, seen))
            expect(sentToPage.filter((text) => text.includes(secret))).toEqual([])
          }),
        120_000
      )
    }
  })
})
