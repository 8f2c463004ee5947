/** What is left is removed within a bound, or named. */
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as Upload from "effect-cos/Upload"
import * as Fault from "effect-cos-emulator/Fault"
import * as World from "../../support/world.js"
import { always, denied, type InProcessRow, on, onPart, success, unavailable } from "../row.js"
import { abort, aborted, complete, initiate, upload } from "./upload.js"

const dies = (): never => {
  throw new Error("a bug of the user's")
}

/** An HTTP client that dies of some requests, before they are sent or when they are answered. */
const dying =
  (which: (request: HttpClientRequest.HttpClientRequest) => boolean, when: "before" | "after") =>
  (client: HttpClient.HttpClient): HttpClient.HttpClient =>
    HttpClient.transform(client, (self, request) =>
      request.method !== "GET" && which(request)
        ? Effect.zipRight(when === "after" ? self : Effect.void, Effect.sync(dies))
        : self
    )

export const aborts: ReadonlyArray<InProcessRow> = [
  {
    where: "service",
    fault: "abort is 503 twice",
    faults: [onPart(2, denied), on(abort, unavailable, { times: 2 })],
    client: upload(),
    expect: { _tag: "AccessDenied" },
    asked: { ...aborted, uploadPart: 2, [abort]: 3 },
    left: {}
  },
  {
    where: "service",
    fault: "abort is never answered",
    faults: [onPart(2, denied), on(abort, Fault.silence(), always)],
    client: upload(),
    expect: { _tag: "AccessDenied" },
    took: 10_000,
    asked: { ...aborted, uploadPart: 2 },
    left: { uploads: ["a"], warned: ["id"] }
  },
  {
    where: "service",
    fault: "abort is 503 until the upload has ended",
    faults: [onPart(2, denied), on(abort, unavailable, { times: 5 })],
    client: Effect.zipRight(Effect.flip(upload()), Upload.abortUnfinished()),
    expect: success({ aborted: [{ key: "a" }], failures: [], skipped: [] }),
    left: { warned: ["id"] }
  },
  {
    where: "service",
    fault: "abort, asked again, is 404 NoSuchUpload",
    faults: [onPart(2, denied), on(abort, Fault.lostResponse)],
    client: upload(),
    expect: { _tag: "AccessDenied" },
    asked: { ...aborted, uploadPart: 2, [abort]: 2 },
    also: Effect.map(World.requests(abort), (entries) =>
      expect(entries.map(({ code }) => code)).toEqual([undefined, "NoSuchUpload"])
    ),
    left: {}
  },
  {
    where: "service",
    fault: "initiate is not answered, nor anything after it; interrupted",
    faults: [on(initiate, Fault.silence("after")), on("listMultipartUploads", Fault.silence(), always)],
    client: upload(),
    interruptAt: "1 second",
    expect: { _tag: "Interrupt" },
    // abortGrace, and the limit of a release.
    took: 15_000,
    left: { uploads: ["a"], warned: ["key"] }
  },
  {
    where: "service",
    fault: "complete is not answered, nor anything after it; interrupted",
    faults: [
      on(complete, Fault.silence()),
      on("headObject", Fault.silence(), always),
      on(abort, Fault.silence(), always)
    ],
    client: upload(),
    interruptAt: "1 second",
    expect: { _tag: "Interrupt" },
    took: 25_000,
    left: { uploads: ["a"], warned: ["id"] }
  },
  {
    where: "service",
    fault: "a part is not answered, nor abort; timed out",
    faults: [onPart(2, Fault.silence()), on(abort, Fault.silence(), always)],
    client: Effect.timeout(upload(), "1 second"),
    expect: { _tag: "TimeoutException" },
    took: 11_000,
    left: { uploads: ["a"], warned: ["id"] }
  },
  {
    where: "network",
    fault: "the HTTP client dies of abort",
    world: { client: { transformClient: dying((request) => request.method === "DELETE", "before") } },
    faults: [onPart(2, denied)],
    client: upload(),
    expect: { _tag: "AccessDenied" },
    left: { uploads: ["a"], warned: ["id"] }
  },
  {
    where: "network",
    fault: "the HTTP client dies of initiate's answer",
    world: { client: { transformClient: dying((request) => /[?&]uploads/.test(request.url), "after") } },
    client: upload(),
    expect: { _tag: "Defect" },
    left: { uploads: ["a"], warned: ["key"] }
  },
  {
    where: "input",
    fault: "the retry policy throws whenever it is asked",
    world: { client: { retry: { ...RetryPolicy.make({ base: 0 }), while: dies } } },
    faults: [onPart(2, unavailable), on(abort, unavailable)],
    client: upload(),
    expect: { _tag: "Defect" },
    left: { uploads: ["a"], warned: ["id"] }
  }
]
