/** Debian's Chromium without a window. A machine without it skips what needs it, unless it is CI. */
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type BrowserContext, chromium, type Page } from "playwright-core"

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium"

/** Whether tests in a browser run; says so once where they do not. */
export const hasChromium = existsSync(executablePath) || process.env.CI !== undefined

if (!hasChromium)
  console.log(`There is no ${executablePath}: what runs in a browser is skipped. Install Debian's chromium.`)

const args = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage"
]

/** A browser with a new, empty profile. */
export const browser: Effect.Effect<BrowserContext, never, Scope.Scope> = Effect.acquireRelease(
  Effect.promise(async () => {
    const profile = mkdtempSync(join(tmpdir(), "effect-cos-chromium-"))
    const context = await chromium.launchPersistentContext(profile, {
      executablePath,
      args,
      ignoreDefaultArgs: ["--enable-automation"],
      viewport: { width: 800, height: 480 }
    })
    return { context, profile }
  }),
  ({ context, profile }) =>
    Effect.promise(async () => {
      await context.close()
      rmSync(profile, { recursive: true, force: true })
    })
).pipe(Effect.map(({ context }) => context))

/** Everything that a page was sent, as text, beside what it sent. */
export interface Seen {
  readonly texts: Array<string>
  readonly pending: Array<Promise<void>>
}

export const watch = (page: Page, isRead: (url: string) => boolean): Seen => {
  const seen: Seen = { texts: [], pending: [] }
  page.on("request", (request) => seen.texts.push(request.url(), JSON.stringify(request.headers())))
  page.on("response", (response) => {
    seen.texts.push(JSON.stringify(response.headers()))
    if (!isRead(response.url())) return
    seen.pending.push(
      response.text().then(
        (text) => void seen.texts.push(text),
        () => undefined
      )
    )
  })
  return seen
}

/** All of it. A body that the page does not read would never end, so the page is closed. */
export const texts = async (page: Page, { pending, texts }: Seen): Promise<ReadonlyArray<string>> => {
  await page.close()
  await Promise.all(pending)
  return texts
}
