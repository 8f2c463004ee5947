/** One request: the way to the service, its answers, and its clock. */
import { expect } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Cos from "effect-cos/Cos"
import * as RetryPolicy from "effect-cos/RetryPolicy"
import * as Upload from "effect-cos/Upload"
import { Emulator } from "effect-cos-emulator/Emulator"
import * as Fault from "effect-cos-emulator/Fault"
import { setBack } from "../../support/clock.js"
import { content, MiB } from "../../support/content.js"
import * as World from "../../support/world.js"
import { always, type InProcessRow, on, onPart, success, unavailable } from "../row.js"
import { options } from "./upload.js"

const bytes = content(1000)
const put = Cos.putObject({ key: "a", body: bytes })
const stored = { objects: { a: bytes } }
const parts = content(2 * MiB)
const upload = Upload.bytes({ key: "a", bytes: parts }, options)
const whole = { objects: { a: parts } }
const refused = { code: "ECONNREFUSED", phase: "connect" } as const
const timeout = { _tag: "TransportError", reason: "Timeout" }
const page = (status: number) =>
  Fault.status(status, { body: "<html><head><title>Bad Gateway</title></head><body><hr>nginx</body></html>" })

/** The instants at which requests came. */
const instants = Effect.map(World.requests(), (entries) => entries.map(({ at }) => at.getTime()))

const network: ReadonlyArray<InProcessRow> = [
  {
    where: "network",
    fault: "connection refused for 2 s",
    // The default policy gives up sooner: its four waits are 1.5 s at most.
    world: { client: { retry: RetryPolicy.make({ attempts: 10 }) } },
    network: ({ at }) => (at < 2000 ? refused : undefined),
    client: put,
    expect: success(),
    asked: { putObject: 1 },
    left: stored
  },
  {
    where: "network",
    fault: "the name does not resolve",
    world: { client: { retry: RetryPolicy.default } },
    network: () => ({ code: "ENOTFOUND", phase: "connect" }),
    client: put,
    expect: { _tag: "TransportError", reason: "Dns", phase: "connect" },
    asked: {},
    left: {}
  },
  {
    where: "network",
    fault: "the name does not resolve any more, midway through an upload",
    network: ({ nth }) => (nth > 2 ? { code: "ENOTFOUND", phase: "connect" } : undefined),
    client: upload,
    expect: { _tag: "TransportError", reason: "Dns" },
    asked: { initiateMultipartUpload: 1, uploadPart: 1 },
    left: { uploads: ["a"], warned: ["id"] }
  },
  {
    where: "network",
    fault: "the answer's head comes at 1 byte a second",
    faults: [on("putObject", Fault.slowHeaders(1))],
    client: put,
    expect: success(),
    took: 30_000,
    asked: { putObject: 2 },
    left: stored
  },
  {
    where: "network",
    fault: "no answer, ever",
    faults: [on("putObject", Fault.silence(), always)],
    client: put,
    expect: { ...timeout, phase: "response" },
    took: 5 * 30_000,
    left: {}
  },
  {
    where: "network",
    fault: "no connection, ever",
    network: () => ({ code: "UND_ERR_CONNECT_TIMEOUT", phase: "connect" }),
    client: put,
    expect: { ...timeout, phase: "connect" },
    asked: {},
    left: {}
  },
  {
    where: "network",
    fault: "a document that stops for ever",
    faults: [on("listObjects", Fault.stall(10), always)],
    given: stored,
    client: Cos.listObjects(),
    expect: { ...timeout, phase: "body" },
    took: 5 * 30_000,
    left: stored
  },
  {
    where: "network",
    fault: "a document that trickles for ever",
    faults: [on("listObjects", Fault.keepAliveBlanks(100_000, "1 second"), always)],
    given: stored,
    client: Cos.listObjects(),
    expect: { ...timeout, phase: "body" },
    took: 5 * 30_000,
    left: stored
  },
  {
    where: "clock",
    fault: "the clock is set back an hour while nothing answers",
    faults: [on("putObject", Fault.silence(), always)],
    client: setBack(put, "10 seconds"),
    expect: { ...timeout, phase: "response" },
    took: 5 * 30_000,
    left: {}
  }
]

const busy = (after: string | number, more: Fault.Matcher = {}) => on("putObject", Fault.retryAfter(after), more)

const responses: ReadonlyArray<InProcessRow> = [
  {
    where: "service",
    fault: "503 with Retry-After in seconds",
    faults: [busy(2)],
    client: put,
    expect: success(),
    took: 2000,
    left: stored
  },
  {
    where: "service",
    fault: "503 with Retry-After as a date",
    faults: [busy("Thu, 01 Jan 2026 00:00:02 GMT")],
    client: put,
    expect: success(),
    took: 2000,
    left: stored
  },
  {
    where: "service",
    fault: "503 with a Retry-After of a day",
    faults: [onPart(2, Fault.retryAfter(86_400))],
    client: upload,
    expect: { _tag: "Throttled", retryAfter: Duration.days(1) },
    took: 0,
    asked: { initiateMultipartUpload: 1, uploadPart: 2, abortMultipartUpload: 1 },
    left: {}
  },
  {
    where: "service",
    fault: "503 to all requests of 20 fibers",
    world: { client: { retry: RetryPolicy.default, retryBudget: 20 } },
    faults: [on("putObject", unavailable, always)],
    client: Effect.all(Effect.replicate(Effect.flip(put), 20), { concurrency: "unbounded", discard: true }),
    expect: success(),
    // One each, and the budget that they share.
    asked: { putObject: 40 },
    also: Effect.map(instants, (at) => expect(new Set(at).size, "instants").toBeGreaterThan(15)),
    left: {}
  },
  {
    where: "service",
    fault: "503 to every part",
    faults: [on("uploadPart", unavailable, always)],
    client: upload,
    expect: { _tag: "ServerFault", status: 503 },
    asked: { initiateMultipartUpload: 1, uploadPart: 5, abortMultipartUpload: 1 },
    left: {}
  },
  ...(
    [
      ["500", Fault.status(500, { code: "InternalError" })],
      ["500 without a request id", Fault.status(500), Fault.noRequestId],
      ["502 in HTML", page(502), Fault.noRequestId],
      ["504 in HTML", page(504)]
    ] as const
  ).map(
    ([fault, ...faults]): InProcessRow => ({
      where: "service",
      fault,
      faults: faults.map((fault) => onPart(2, fault)),
      client: upload,
      expect: success({ parts: 2 }),
      parts: [1, 2, 2],
      left: whole
    })
  ),
  {
    where: "service",
    fault: "502 in HTML, ever again, to a list",
    given: stored,
    faults: [on("listObjects", page(502), always)],
    client: Cos.listObjects(),
    // Not MalformedResponse: it is no document of the service's.
    expect: { _tag: "ServerFault", status: 502 },
    asked: { listObjects: 5 },
    left: stored
  },
  {
    where: "service",
    fault: "400 RequestTimeout",
    faults: [onPart(1, Fault.status(400, { code: "RequestTimeout" }))],
    client: upload,
    expect: success(),
    parts: [1, 1, 2],
    left: whole
  },
  ...([301, 307] as const).map(
    (status): InProcessRow => ({
      where: "service",
      fault: `${status} to another host`,
      faults: [
        on("putObject", Fault.redirect(status, "http://elsewhere.example/a"), { times: 10 }),
        on("putObject", Fault.noRequestId, { times: 10 })
      ],
      client: put,
      expect: { _tag: "CosServiceError", status },
      asked: { putObject: 2 },
      also: Effect.map(World.requests(), (entries) =>
        // The backup domain is the service's own.
        expect(entries.map(({ host }) => host)).toEqual([
          `${World.bucket}.cos.${World.region}.myqcloud.com`,
          `${World.bucket}.cos.${World.region}.tencentcos.cn`
        ])
      ),
      left: {}
    })
  )
]

const skewed = Fault.status(403, { code: "RequestTimeTooSkewed" })

const clock: ReadonlyArray<InProcessRow> = [
  ...[120, -120].map(
    (serverAhead): InProcessRow => ({
      where: "clock",
      fault: `the service's clock is ${serverAhead} minutes ahead`,
      serverAhead,
      client: Effect.zipRight(put, Cos.putObject({ key: "b", body: bytes })),
      expect: success(),
      // Once corrected, for all.
      asked: { putObject: 3 },
      left: { objects: { a: bytes, b: bytes } }
    })
  ),
  ...[20, -20].map(
    (serverAhead): InProcessRow => ({
      where: "clock",
      fault: `the service's clock is ${serverAhead} minutes ahead, and it is strict`,
      serverAhead,
      faults: [on("putObject", skewed)],
      client: Effect.zipRight(put, Cos.putObject({ key: "b", body: bytes })),
      expect: success(),
      asked: { putObject: 3 },
      left: { objects: { a: bytes, b: bytes } }
    })
  ),
  {
    where: "clock",
    fault: "a clock of 1970 in the answers",
    serverAhead: 120,
    faults: [on("putObject", Fault.date(new Date(0)), always)],
    client: put,
    expect: { _tag: "AccessDenied" },
    asked: { putObject: 2 },
    left: {}
  },
  {
    where: "clock",
    fault: "a clock that is another in each answer",
    faults: [
      on("putObject", skewed, always),
      on("putObject", Fault.date("Fri, 02 Jan 2026 00:00:00 GMT")),
      on("putObject", Fault.date("Sat, 03 Jan 2026 00:00:00 GMT"), { nth: 2, ...always })
    ],
    client: put,
    expect: { _tag: "AuthenticationFailed", code: "RequestTimeTooSkewed" },
    asked: { putObject: 2 },
    left: {}
  },
  {
    where: "clock",
    fault: "no clock in the answers",
    faults: [on("putObject", skewed, always), on("putObject", Fault.date(null), always)],
    client: put,
    expect: { _tag: "AuthenticationFailed", code: "RequestTimeTooSkewed" },
    asked: { putObject: 1 },
    left: {}
  },
  {
    where: "clock",
    fault: "a transfer that takes longer than a signature holds",
    world: { client: { timeLimits: { attempt: "1 hour" } } },
    faults: [on("uploadPart", Fault.delay("40 minutes", "after"), always)],
    client: upload,
    expect: success(),
    took: 80 * 60_000,
    parts: [1, 2],
    left: whole
  },
  {
    where: "clock",
    fault: "the service's clock jumps during a transfer",
    client: Effect.flatMap(Emulator, ({ clock }) =>
      Upload.bytes(
        { key: "a", bytes: parts },
        {
          ...options,
          onCheckpoint: ({ parts }) => Effect.when(clock.adjust("1 day"), () => parts.length === 1)
        }
      )
    ),
    expect: success(),
    parts: [1, 2, 2],
    left: whole
  }
]

export const requests: ReadonlyArray<InProcessRow> = [...network, ...responses, ...clock]
