/** What a queue transfers, and how each kind is run. */
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Copy from "../../Copy.js"
import type { CosClient } from "../../CosClient.js"
import type { TransferNotPausable } from "../../CosError.js"
import * as Download from "../../Download.js"
import type { DownloadInput, Kind, Kinds, Ticket } from "../../TransferQueue.js"
import * as Upload from "../../Upload.js"
import * as restartable from "./restartable.js"

export type Common = Pick<Upload.ResumableUploadOptions, "abortGrace" | "progressInterval" | "releaseLimit"> & {
  readonly onFailure: "keep"
}
export type Services = CosClient | FileSystem.FileSystem

/** What transfers of each kind are made of. */
export interface Inputs {
  readonly upload: Upload.UploadTarget & Upload.UploadContent
  readonly download: DownloadInput
  readonly copy: Copy.CopyInput
}

/** Content in memory is let go of when the transfer is over, though the transfer is listed for longer. */
export class Held<A> {
  private value: A | undefined
  constructor(value: A) {
    this.value = value
  }
  get current(): Effect.Effect<A> {
    return Effect.suspend(() =>
      this.value === undefined ? Effect.dieMessage("a transfer that is over has begun") : Effect.succeed(this.value)
    )
  }
  release(): void {
    this.value = undefined
  }
}

type Restartable<K extends Kind> = restartable.Restartable<
  Kinds[K]["success"],
  Kinds[K]["error"],
  Services,
  Kinds[K]["checkpoint"]
>

/** How transfers of a kind are run. */
type RunOf<K extends Kind> = (
  key: string,
  input: Held<Inputs[K]>,
  options: Kinds[K]["options"] & Common
) => Restartable<K>

export const kinds: { readonly [K in Kind]: RunOf<K> } = {
  upload: (key, input, options) =>
    restartable.upload(key, options, (options: Upload.ResumableUploadOptions) =>
      Effect.flatMap(input.current, (input) => Upload.content(input, options))
    ),
  download: (key, input, options) =>
    restartable.download(key, options, (options) =>
      Effect.flatMap(input.current, (input) => Download.file(input, options))
    ),
  copy: (key, input, options) =>
    restartable.upload(key, options, (options: Copy.CopyOptions) =>
      Effect.flatMap(input.current, (input) => Copy.object(input, options))
    )
}

/** Of a source that can be read again, as those of downloads and copies can. */
export const pausable = <K extends Kind>(ticket: Ticket<K, TransferNotPausable>): Ticket<K> => ({
  ...ticket,
  pause: Effect.orDie(ticket.pause)
})

/** An input without its content. */
export const listed = <K extends Kind>(input: Inputs[K]): Kinds[K]["input"] => {
  const {
    blob: _blob,
    body: _body,
    bytes: _bytes,
    size: _size,
    stream: _stream,
    ...rest
  } = input as object & {
    readonly [field: string]: unknown
  }
  return rest as unknown as Kinds[K]["input"]
}
