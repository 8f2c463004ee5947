/**
 * The page: files that are picked or dropped are uploaded in parts, with progress, pause, resume and cancel. Unfinished ones
 * go on after a reload: their checkpoints are in the local storage, and the files themselves in IndexedDB.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Checkpoint from "effect-cos/Checkpoint"
import type { State } from "effect-cos/Controlled"
import * as CosClient from "effect-cos/CosClient"
import * as Endpoint from "effect-cos/Endpoint"
import type { Progress } from "effect-cos/Progress"
import * as RemoteSigner from "effect-cos/RemoteSigner"
import * as Upload from "effect-cos/Upload"
import * as files from "./files.js"

interface Settings {
  readonly bucket: string
  readonly region: string
  readonly endpoint: string
  readonly prefix: string
}

const settings: Settings = await (await fetch("/settings.json")).json()

const runtime = ManagedRuntime.make(
  Layer.merge(
    CosClient.layer({
      bucket: settings.bucket,
      region: settings.region,
      endpoint: Endpoint.custom({ url: settings.endpoint })
    }),
    Checkpoint.layerKeyValueStore.pipe(Layer.provide(KeyValueStore.layerStorage(() => localStorage)))
  ).pipe(Layer.provide(RemoteSigner.layer({ url: "/sign" })), Layer.provide(FetchHttpClient.layer))
)

const element = <K extends keyof HTMLElementTagNameMap>(tag: K, className: string, text = "") =>
  Object.assign(document.createElement(tag), { className, textContent: text })

const mebibytes = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(1)} MiB`

const row = (name: string) => {
  const item = element("li", "upload")
  const head = element("div", "head")
  const bar = element("progress", "bar")
  const facts = element("div", "facts")
  const [amount, rest] = [element("span", "amount"), element("span", "rest")]
  const [pause, resume, cancel] = [
    element("button", "pause", "Pause"),
    element("button", "resume", "Resume"),
    element("button", "cancel", "Cancel")
  ]
  bar.max = 1
  bar.value = 0
  head.append(element("span", "name", name), pause, resume, cancel)
  facts.append(amount, rest)
  item.append(head, bar, facts)
  document.getElementById("list")?.append(item)
  const showState = (state: State, why = "") => {
    item.dataset.state = state
    item.dataset.why = why
    pause.hidden = !["waiting", "checking", "transferring"].includes(state)
    resume.hidden = !["paused", "failed"].includes(state)
    cancel.hidden = ["succeeded", "cancelled"].includes(state)
    if (state !== "transferring") rest.textContent = why === "" ? state : `${state}: ${why}`
  }
  const showProgress = ({ bytesPerSecond, eta, partsDone, partsTotal, percent, total, transferred }: Progress) => {
    bar.value = percent ?? 0
    const parts = partsTotal === undefined ? "" : `, part ${partsDone} of ${partsTotal}`
    amount.textContent = `${mebibytes(transferred)} of ${mebibytes(total ?? 0)}${parts}`
    const left = eta === undefined ? "" : `, ${Math.ceil(Duration.toSeconds(eta))} s left`
    if (item.dataset.state === "transferring") rest.textContent = `${mebibytes(bytesPerSecond)}/s${left}`
  }
  return { pause, resume, cancel, item, showState, showProgress }
}

/** One upload from its first byte to its end, with its line on the page. */
const upload = (name: string, blob: Blob) =>
  Effect.gen(function* () {
    const view = row(name)
    const scope = yield* Scope.make()
    const transfer = yield* Upload.controlled(
      { key: `${settings.prefix}${name}`, blob },
      {
        partSize: 4 * 1024 * 1024,
        threshold: 4 * 1024 * 1024,
        concurrency: 3,
        onInterrupt: "keep",
        onFailure: "keep",
        progressInterval: "100 millis"
      }
    ).pipe(Scope.extend(scope))
    const watch = Effect.all(
      [
        Stream.runForEach(transfer.state, (state) => Effect.sync(() => view.showState(state))),
        Stream.runForEach(transfer.progress, (progress) => Effect.sync(() => view.showProgress(progress)))
      ],
      { concurrency: "unbounded" }
    )
    const command = (button: HTMLButtonElement, run: Effect.Effect<unknown>) =>
      button.addEventListener("click", () => runtime.runFork(run))
    command(view.pause, transfer.pause)
    command(view.resume, Effect.zipRight(transfer.resume, Effect.forkDaemon(watch)))
    command(view.cancel, Effect.zipRight(transfer.cancel, files.forget(name)))
    yield* Effect.forkIn(watch, scope)
    const exit = yield* Effect.exit(transfer.await)
    if (Exit.isSuccess(exit)) yield* files.forget(name)
    else view.showState((yield* transfer.current).state, String(exit.cause))
    view.item.dataset.done = "true"
  })

const begin = (file: File) => runtime.runFork(Effect.zipRight(files.keep(file.name, file), upload(file.name, file)))

const drop = document.getElementById("drop")
document.getElementById("pick")?.addEventListener("change", ({ target }) => {
  for (const file of (target as HTMLInputElement).files ?? []) begin(file)
})
for (const [event, isOver] of [
  ["dragover", true],
  ["dragleave", false],
  ["drop", false]
] as const) {
  drop?.addEventListener(event, (dragged) => {
    dragged.preventDefault()
    drop.classList.toggle("over", isOver)
    if (event === "drop") for (const file of dragged.dataTransfer?.files ?? []) begin(file)
  })
}

// What an earlier visit did not finish.
for (const { blob, name } of await Effect.runPromise(files.kept)) runtime.runFork(upload(name, blob))
document.body.dataset.ready = "true"
