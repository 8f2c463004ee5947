/**
 * The one handler behind every door: request in, answer out, everything written in the journal.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { authenticate } from "../access/authenticate.js"
import { afterwards } from "../faults/afterOperation.js"
import { beforehand } from "../faults/beforeOperation.js"
import { requested } from "../faults/fromRequest.js"
import type { Active } from "../faults/rules.js"
import { type ErrorReply, instead } from "../faults/shortCircuit.js"
import { type Draft, type JournalBook, redactFormat } from "../journal/journal.js"
import type { Circumstances, Operation } from "../operations/operation.js"
import { find } from "../operations/registry.js"
import { type CosFailure, describe } from "../request/failure.js"
import { type Answer, type Reply, type Request, reply } from "../request/message.js"
import { resolve, type Target } from "../request/target.js"
import { throttle } from "../request/throttle.js"
import { Hook } from "../storage/Storage.js"
import * as Xml from "../xml/xml.js"
import { asFailure, serve } from "./dispatch.js"
import { type Core, now } from "./state.js"

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
    const own = requested(draft, Option.getOrUndefined(Either.getRight(target)), request.headers)
    const actives = [...core.faults.claim(draft), ...Either.getOrElse(own, () => [])]
    const error: ErrorReply = (status, code, message) =>
      errorReply(draft, { status, code, message: message ?? describe(code).message })
    const body = bodyOf(draft, request, actives)
    const answer = yield* Effect.gen(function* () {
      const { headers } = request
      const { storage } = core
      yield* own
      let circumstances: Circumstances = {
        ...body,
        headers,
        storage,
        hook: undefined,
        horizon: Number.POSITIVE_INFINITY,
        now: at
      }
      for (const active of actives) {
        const replacement = instead(active, body.body, error)
        if (replacement !== undefined) return yield* replacement
        circumstances = yield* beforehand(active, circumstances)
      }
      const reached = yield* target
      // Later than on arrival, if a fault waited.
      const time = yield* now(core)
      const { claim, principal } = yield* authenticate(request, reached, core.credentials, time)
      draft.signature = claim?.scheme ?? "anonymous"
      draft.secretId = claim?.accessKeyId
      return yield* serve(core, request, reached, yield* operation, principal, { ...circumstances, now: time }).pipe(
        Effect.provideService(Hook, circumstances.hook)
      )
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
    // An error to HEAD has no document whose length could be told.
    const length = request.method === "HEAD" && draft.code !== undefined ? { "content-length": "0" } : {}
    return { ...answer, headers: { ...answer.headers, ...length }, body: new Uint8Array(0) }
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
        // A client that takes no more leaves before the announced end.
        const whole = draft.bytesSent >= Number(answer.headers["content-length"] ?? 0)
        const cut = Exit.isFailure(exit) && !Exit.isInterrupted(exit)
        draft.outcome = cut ? "hung up" : Exit.isSuccess(exit) && whole ? "answered" : "gone"
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
