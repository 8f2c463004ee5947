/**
 * The one handler behind every door: request in, answer out, everything written in the journal.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Credential } from "../Access.js"
import { anyoneMay, authenticate, keyAllows, type Principal, type Right } from "./access.js"
import { type CosFailure, describe, failure } from "./failure.js"
import { type Active, afterwards, type ErrorReply, type FaultBook, instead, throttle, without } from "./faults.js"
import { type Answer, type BodyLost, type Reply, type Request, reply } from "./http.js"
import { type Draft, type JournalBook, redactFormat } from "./journal.js"
import type { BucketCall, NameCall, Operation, Refusal, ServiceCall, Settings } from "./operations/operation.js"
import { checkStrictly, find } from "./operations/registry.js"
import type { Bucket, NotFound, Storage, StorageError } from "./storage/Storage.js"
import { type Place, resolve, type Target } from "./target.js"
import * as Xml from "./xml.js"

/** Everything an emulator is made of. */
export interface Core {
  readonly settings: Settings
  readonly storage: Storage.Service
  readonly journal: JournalBook
  readonly faults: FaultBook
  readonly credentials: Map<string, Credential>
  readonly domain: (host: string) => Place | undefined
  /** How far the emulator's clock is ahead of the runtime's, in milliseconds. */
  clockOffset: number
}

/** The emulator's time, in milliseconds. */
export const now = (core: Core): Effect.Effect<number> =>
  Effect.map(Clock.currentTimeMillis, (time) => time + core.clockOffset)

const missingCodes = {
  bucket: "NoSuchBucket",
  object: "NoSuchKey",
  version: "NoSuchVersion",
  upload: "NoSuchUpload"
} as const

/** Storage's errors as COS spells them. */
export const asFailure = (refusal: Exclude<Refusal, BodyLost>): CosFailure => {
  switch (refusal._tag) {
    case "CosFailure":
      return refusal
    case "NotFound":
      return failure(missingCodes[refusal.what])
    case "BucketExists":
      return failure("BucketAlreadyOwnedByYou")
    case "BucketNotEmpty":
      return failure("BucketNotEmpty")
    case "StorageError":
      return failure("InternalError", { message: refusal.message })
  }
}

/** What the journal says of an error: its message, and of a signature what the server would have signed. */
const explain = ({ details, message }: Pick<CosFailure, "message"> & Partial<Pick<CosFailure, "details">>): string => {
  const format = details?.find(([name]) => name === "FormatString")?.[1]
  return format === undefined ? message : `${message} The server signs:\n${redactFormat(format)}`
}

/** The `<Error>` answer to a request. */
const errorReply = (
  draft: Draft,
  error: Pick<CosFailure, "status" | "code" | "message"> & Partial<Pick<CosFailure, "details" | "headers">>
): Reply => {
  draft.code = error.code
  draft.message = explain(error)
  const traceId = Buffer.from(`${draft.requestId} trace`).toString("base64")
  const document = Xml.render([
    "Error",
    [
      ["Code", error.code],
      ["Message", error.message],
      ...(error.details ?? []),
      ["Resource", `${draft.host}${draft.path}`],
      ["RequestId", draft.requestId],
      ["TraceId", traceId]
    ]
  ])
  const headers = { "content-type": "application/xml", "x-cos-trace-id": traceId, ...error.headers }
  return reply(error.status, headers, document)
}

const authorize = (
  core: Core,
  principal: Principal,
  action: string,
  right: Right,
  bucket: Bucket | undefined,
  key: string,
  versionId?: string
): Effect.Effect<void, CosFailure | StorageError | NotFound> => {
  const allowIf = (allowed: boolean) => (allowed ? Effect.void : Effect.fail(failure("AccessDenied")))
  if (principal._tag === "Keyed") return allowIf(keyAllows(principal.credential, action, bucket?.name, key))
  if (bucket === undefined) return allowIf(false)
  // Only reading one object asks its own ACL; the rest is the bucket's.
  if (right !== "READ" || !(action === "GetObject" || action === "HeadObject")) {
    return allowIf(anyoneMay(right, bucket))
  }
  return core.storage.getObject(bucket.name, key, versionId).pipe(
    Effect.flatMap((version) => allowIf(anyoneMay(right, bucket, version.deleteMarker ? undefined : version))),
    // Whether a key exists is told only to those who may read the bucket.
    Effect.catchTag("NotFound", (error) => Effect.zipRight(allowIf(anyoneMay(right, bucket)), error))
  )
}

/** Runs the operation: is the request one that it knows, may the caller, then the operation itself. */
const serve = (
  core: Core,
  request: Request,
  target: Target,
  operation: Operation,
  principal: Principal,
  common: Pick<ServiceCall, "body" | "whole" | "now" | "horizon" | "headers" | "storage">
): Effect.Effect<Reply, Refusal, Scope.Scope> =>
  Effect.gen(function* () {
    yield* checkStrictly(operation, target, request.headers)
    const call: ServiceCall = {
      ...common,
      settings: core.settings,
      method: request.method,
      region: target.region,
      anonymous: principal._tag === "Anonymous",
      resolve: (host, path) => resolve(host, path, core.domain),
      header: (name) => common.headers[name] || undefined,
      query: target.query,
      contentLength: contentLength(request),
      authorize: (action, right, bucket, key, versionId) =>
        authorize(core, principal, action, right, bucket, key, versionId)
    }
    const may = (bucket: Bucket | undefined, key: string) =>
      authorize(core, principal, operation.action, operation.right, bucket, key, target.query.get("versionId"))
    if (operation.on === "service") {
      yield* may(undefined, "")
      return yield* operation.run(call)
    }
    const named: NameCall = { ...call, name: target.bucket ?? "" }
    if (operation.on === "name") {
      if (principal._tag === "Anonymous" || !keyAllows(principal.credential, operation.action, named.name, "")) {
        return yield* failure("AccessDenied")
      }
      return yield* operation.run(named)
    }
    const bucket = yield* core.storage.getBucket(named.name)
    // There is no redirect to the right region: a bucket is simply not in the others.
    if (target.region !== undefined && target.region !== bucket.region) return yield* failure("NoSuchBucket")
    const { endpoint } = target
    if (endpoint === "accelerate") return yield* failure("BucketAccelerateNotEnabled")
    if (endpoint === "website" || endpoint === "processing") {
      return yield* failure("NotImplemented", { message: `The emulator has no ${endpoint} host.` })
    }
    const located: BucketCall = { ...named, bucket }
    if (operation.on === "bucket") {
      // The keys of a multi-delete are checked one by one.
      if (operation.name !== "deleteMultipleObjects") yield* may(bucket, target.query.get("prefix") ?? "")
      return yield* operation.run(located)
    }
    const key = target.key ?? ""
    yield* may(bucket, key)
    return yield* operation.run({ ...located, key })
  })

const contentLength = (request: Request): number | undefined => {
  const header = request.headers["content-length"]
  return header === undefined || header === "" ? undefined : Number(header)
}

const positive = (text: string | undefined): number | undefined => {
  const value = Number(text)
  return text !== undefined && Number.isInteger(value) ? value : undefined
}

/** What the journal can tell before anything is believed. */
const identify = (draft: Draft, target: Target, operation: Operation | undefined, book: JournalBook): void => {
  draft.path = target.path
  draft.query = book.redactQuery(target.query)
  draft.operation = operation?.name
  draft.bucket = target.bucket
  draft.key = target.key
  draft.partNumber = positive(target.query.get("partNumber"))
  draft.uploadId = target.query.get("uploadId")
}

/** The request's body: counted, and slowed down if a fault says so. */
const bodyOf = (draft: Draft, request: Request, actives: ReadonlyArray<Active>): Pick<Request, "body" | "whole"> => {
  const count = (chunk: Uint8Array): Uint8Array => {
    draft.bytesReceived += chunk.length
    return chunk
  }
  const slow = actives.flatMap(({ fault }) => (fault._tag === "Slow" ? [throttle(fault.bytesPerSecond)] : []))
  return {
    body: slow.reduce((body, throttled) => throttled(body), Stream.map(request.body, count)),
    whole: request.whole === undefined || slow.length > 0 ? undefined : Effect.map(request.whole, count)
  }
}

const produce = (core: Core, draft: Draft, request: Request, at: number): Effect.Effect<Answer, never, Scope.Scope> =>
  Effect.gen(function* () {
    const target = resolve(request.host, request.target, core.domain)
    const operation = Either.flatMap(target, (found) =>
      find(request.method, found, (name) => request.headers[name] || undefined)
    )
    if (Either.isRight(target)) identify(draft, target.right, Either.getOrUndefined(operation), core.journal)
    const actives = core.faults.claim(draft)
    const error: ErrorReply = (status, code, message) =>
      errorReply(draft, { status, code, message: message ?? describe(code).message })
    const body = bodyOf(draft, request, actives)
    const answer = yield* Effect.gen(function* () {
      let { headers } = request
      let { storage } = core
      let horizon = Number.POSITIVE_INFINITY
      for (const active of actives) {
        const { act, fault } = active
        const replacement = instead(active, body.body, error)
        if (replacement !== undefined) return yield* replacement
        switch (fault._tag) {
          case "Delay":
            if (fault.when === "before") yield* Effect.zipRight(act, Effect.sleep(fault.milliseconds))
            break
          case "StaleList":
            yield* act
            horizon = at - fault.milliseconds
            break
          case "IgnoreHeaders":
            yield* act
            headers = without(headers, ...fault.names.map((name) => name.toLowerCase()))
            break
          case "Forget":
            storage = { ...storage, putPart: () => act }
        }
      }
      const reached = yield* target
      const time = yield* now(core)
      const { claim, principal } = yield* authenticate(request, reached, core.credentials, time)
      draft.signature = claim?.scheme ?? "anonymous"
      draft.secretId = claim?.accessKeyId
      return yield* serve(core, request, reached, yield* operation, principal, {
        ...body,
        headers,
        storage,
        horizon,
        now: time
      })
    }).pipe(
      // The client is gone, or its body is: there is nobody to answer.
      Effect.catchTag("BodyLost", ({ cause }) => Effect.succeed<Answer>({ _tag: "Hangup", cause })),
      Effect.catchAll((refusal) => Effect.succeed(errorReply(draft, asFailure(refusal))))
    )
    return yield* afterwards(actives, commonHeaders(draft, answer, yield* now(core)), error)
  })

const commonHeaders = (draft: Draft, answer: Answer, time: number): Answer =>
  answer._tag === "Hangup"
    ? answer
    : {
        ...answer,
        headers: {
          date: new Date(time).toUTCString(),
          server: "tencent-cos",
          connection: "keep-alive",
          "x-cos-request-id": draft.requestId,
          ...answer.headers
        }
      }

const hasBody = (request: Request, answer: Reply): boolean =>
  request.method !== "HEAD" && answer.status !== 204 && answer.status !== 304

/** The answer's body as the client gets it: none to HEAD, counted in the journal, its end written down. */
const track = (draft: Draft, request: Request, answer: Answer): Answer => {
  if (answer._tag === "Hangup") {
    draft.outcome = answer.cause === undefined ? "hung up" : "gone"
    return answer
  }
  draft.status = answer.status
  if (!hasBody(request, answer)) {
    draft.outcome = "answered"
    return { ...answer, body: new Uint8Array(0) }
  }
  if (answer.body instanceof Uint8Array) {
    draft.outcome = "answered"
    draft.bytesSent = answer.body.length
    return answer
  }
  const body = answer.body.pipe(
    // One by one: what is counted is what was taken.
    Stream.rechunk(1),
    Stream.map((chunk) => {
      draft.bytesSent += chunk.length
      return chunk
    }),
    Stream.ensuringWith((exit) =>
      Effect.sync(() => {
        draft.outcome = Exit.isSuccess(exit) ? "answered" : Exit.isInterrupted(exit) ? "gone" : "hung up"
      })
    )
  )
  return { ...answer, body }
}

/**
 * Handles one request. The scope belongs to the exchange: it must stay open until the answer's body has been rendered,
 * and what the operation staged or holds open goes with it. Interrupt the fiber when the client leaves.
 */
export const handle = (core: Core, request: Request): Effect.Effect<Answer, never, Scope.Scope> =>
  Effect.gen(function* () {
    const at = yield* now(core)
    const draft = core.journal.begin(request, new Date(at))
    return yield* produce(core, draft, request, at).pipe(
      Effect.map((answer) => track(draft, request, answer)),
      Effect.onInterrupt(() =>
        Effect.sync(() => {
          draft.outcome = "gone"
        })
      )
    )
  })
