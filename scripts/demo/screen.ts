/** The output of the demo: a line for each step, and a progress bar. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Progress } from "effect-cos/Progress"

const tty = process.stdout.isTTY

const paint = (code: number) => (text: string) => (tty ? `\u001b[${code}m${text}\u001b[0m` : text)
export const bold = paint(1)
export const dim = paint(2)
export const green = paint(32)
export const red = paint(31)

const print = (text: string) => Effect.sync(() => process.stdout.write(text))

export const say = (text: string) => print(`${text}\n`)

export const step = (number: number, title: string) => say(`\n${bold(`${number}. ${title}`)}`)

export const fact = (text: string) => say(`   ${text}`)

/** Prints a claim, and whether it holds. */
export const check = (claim: string, holds: boolean) =>
  Effect.as(say(`   ${holds ? green("✓") : red("✗")} ${claim}`), holds)

const MiB = 1024 * 1024
export const mib = (bytes: number): string => `${(bytes / MiB).toFixed(0)} MiB`

// A line fits in 80 columns, because one that wraps cannot be redrawn.
const width = 26

const render = (label: string, progress: Progress): string => {
  const share = progress.total === undefined || progress.total === 0 ? 1 : progress.transferred / progress.total
  const filled = Math.round(share * width)
  const bar = "█".repeat(filled) + "░".repeat(width - filled)
  const parts = progress.partsTotal === undefined ? "" : `  part ${progress.partsDone ?? 0}/${progress.partsTotal}`
  const seconds = progress.eta === undefined ? 0 : Math.ceil(Duration.toSeconds(progress.eta))
  const eta = seconds === 0 ? "" : `  ${seconds} s left`
  return `   ${label} ${bar} ${(share * 100).toFixed(0).padStart(3)} %  ${mib(progress.bytesPerSecond)}/s${parts}${eta}`
}

/** Redrawn in place on a terminal; elsewhere it prints one line at the end. */
export const bar = (label: string): ((progress: Progress) => Effect.Effect<void>) => {
  let finished = false
  return (progress) => {
    if (finished) return Effect.void
    finished = progress.transferred === progress.total
    if (tty) return print(`\r\u001b[K${render(label, progress)}${finished ? "\n" : ""}`)
    return finished ? say(render(label, progress)) : Effect.void
  }
}
