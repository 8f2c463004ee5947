/**
 * The one handler behind both servers: takes a request, makes the reply, and records everything in the journal.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { authenticate } from "../access/authenticate.js"
import { afterOperation } from "../faults/afterOperation.js"
import { beforeOperation, slowDownBody } from "../faults/beforeOperation.js"
import { faultsOfRequest } from "../faults/fromRequest.js"
import { insteadOfOperation, type MakeErrorReply } from "../faults/insteadOfOperation.js"
import type { ActiveFault } from "../faults/rules.js"
import { type CosFailure, describe } from "../http/failure.js"
import { writableHeaders } from "../http/headerText.js"
import { type HandlerResult, notDoneHeader, type Reply, type Request, reply } from "../http/message.js"
import { isServiceHost, resolve, routeByHost, type Target } from "../http/target.js"
import { type JournalStore, type PendingEntry, redactStringToSign } from "../journal/journal.js"
import type { Operation, RequestContext } from "../operations/operation.js"
import { findOperation } from "../operations/registry.js"
import { Hook } from "../storage/Storage.js"
import { isStsHost, isStsRequest } from "../sts/recognise.js"
import * as Xml from "../xml/xml.js"
import { type EmulatorState, now } from "./emulatorState.js"
import { addCorsHeaders, dispatch } from "./runOperation.js"
import { respondToSts } from "./stsHandler.js"

/** The journal's message of an error; for a signature mismatch with the string that the server would sign. */
const journalMessage = ({
  details,
  message
}: Pick<CosFailure, "message"> & Partial<Pick<CosFailure, "details">>): string => {
  const format = details?.find(([name]) => name === "FormatString")?.[1]
  return format === undefined ? message : `${message} The server signs:\n${redactStringToSign(format)}`
}

/** Makes the `<Error>` reply to a request. */
const errorReply = (
  entry: PendingEntry,
  error: Pick<CosFailure, "status" | "code" | "message"> & Partial<Pick<CosFailure, "details" | "headers">>
): Reply => {
  entry.code = error.code
  entry.message = journalMessage(error)
  const traceId = Buffer.from(`${entry.requestId} trace`).toString("base64")
  const document = Xml.render([
    "Error",
    [
      ["Code", error.code],
      ["Message", error.message],
      ...(error.details ?? []),
      ["Resource", `${entry.host}${entry.path}`],
      ["RequestId", entry.requestId],
      ["TraceId", traceId]
    ]
  ])
  const headers = { "content-type": "application/xml", "x-cos-trace-id": traceId, ...error.headers }
  return reply(error.status, headers, document)
}

const parseInteger = (text: string | undefined): number | undefined =>
  text !== undefined && /^-?\d{1,15}$/.test(text) ? Number(text) : undefined

/** Records what the request is about, before it is authenticated. */
const identify = (
  entry: PendingEntry,
  target: Target,
  operation: Operation | undefined,
  journal: JournalStore
): void => {
  entry.path = target.path
  entry.query = journal.redactQuery(target.query)
  entry.operation = operation?.name
  entry.bucket = target.bucket
  entry.key = target.key
  entry.partNumber = parseInteger(target.query.get("partNumber"))
  entry.uploadId = target.query.get("uploadId")
}

/** The request's body, counted, and as faults deliver it. */
const readBody = (
  entry: PendingEntry,
  request: Request,
  activeFaults: ReadonlyArray<ActiveFault>
): Pick<Request, "body" | "bufferedBody"> => {
  const count = (chunk: Uint8Array): Uint8Array => {
    entry.bytesReceived += chunk.length
    return chunk
  }
  return slowDownBody(activeFaults, {
    body: Stream.map(request.body, count),
    bufferedBody: request.bufferedBody && Effect.map(request.bufferedBody, count)
  })
}

/** The faults that are to act on a request: those that were set, and those that it brings along. */
const faultsFor = (state: EmulatorState, entry: PendingEntry, request: Request, target: Target | undefined) => {
  const own = faultsOfRequest(entry, target, request, {
    isServiceHost: (host) => isServiceHost(host, state.matchDomain) || isStsHost(host),
    listening: state.listening
  })
  return { own, activeFaults: [...state.faults.match(entry), ...Either.getOrElse(own, () => [])] }
}

const respondTo = (
  state: EmulatorState,
  entry: PendingEntry,
  request: Request,
  at: number
): Effect.Effect<HandlerResult, never, Scope.Scope> =>
  isStsRequest(request, (host) => routeByHost(host, state.matchDomain))
    ? respondToSts(state, entry, request, () => {
        const { activeFaults, own } = faultsFor(state, entry, request, undefined)
        return Either.map(own, () => activeFaults)
      })
    : respond(state, entry, request, at)

const respond = (
  state: EmulatorState,
  entry: PendingEntry,
  request: Request,
  at: number
): Effect.Effect<HandlerResult, never, Scope.Scope> =>
  Effect.gen(function* () {
    const target = resolve(request.host, request.target, state.matchDomain)
    const operation = Either.flatMap(target, (found) =>
      // an empty `x-cos-copy-source` is a copy without a source, and must not store an empty object
      findOperation(request.method, found, (name) => request.headers[name])
    )
    if (Either.isRight(target)) identify(entry, target.right, Either.getOrUndefined(operation), state.journal)
    const reachable = Option.getOrUndefined(Either.getRight(target))
    const { activeFaults, own } = faultsFor(state, entry, request, reachable)
    const error: MakeErrorReply = (status, code, message) =>
      errorReply(entry, { status, code, message: message ?? describe(code).message })
    const body = readBody(entry, request, activeFaults)
    const result = yield* Effect.gen(function* () {
      const { headers } = request
      const { storage } = state
      yield* own
      let context: RequestContext = {
        ...body,
        headers,
        storage,
        storageHook: undefined,
        listedUntil: Number.POSITIVE_INFINITY,
        now: at
      }
      for (const activeFault of activeFaults) {
        const replacement = insteadOfOperation(activeFault, body.body, error)
        if (replacement !== undefined) return yield* replacement
        context = yield* beforeOperation(activeFault, context)
      }
      const reached = yield* target
      // A delay fault may have let time pass since the request arrived.
      const time = yield* now(state)
      const { fields, principal } = yield* authenticate(request, reached, state.credentials, time)
      entry.signature = fields?.scheme ?? "anonymous"
      entry.secretId = fields?.accessKeyId
      return yield* dispatch(state, request, reached, yield* operation, principal, { ...context, now: time }).pipe(
        Effect.provideService(Hook, context.storageHook)
      )
    }).pipe(
      // The client left or its body failed: nobody waits for a reply.
      Effect.catchTag("IncompleteBody", ({ cause }) =>
        Effect.succeed<HandlerResult>({ _tag: "ConnectionReset", cause })
      ),
      Effect.catchAll((refusal) =>
        Effect.map(addCorsHeaders(state, request, reachable, refusal), (failure) => errorReply(entry, failure))
      )
    )
    return yield* afterOperation(activeFaults, addCommonHeaders(entry, result, yield* now(state)), error)
  })

const addCommonHeaders = (entry: PendingEntry, result: HandlerResult, time: number): HandlerResult =>
  result._tag === "ConnectionReset"
    ? result
    : {
        ...result,
        headers: {
          date: new Date(time).toUTCString(),
          server: "tencent-cos",
          connection: "keep-alive",
          "x-cos-request-id": entry.requestId,
          ...result.headers
        }
      }

const hasBody = (request: Request, result: Reply): boolean =>
  request.method !== "HEAD" && result.status !== 204 && result.status !== 304

/** Makes all headers safe to write out, wherever they come from. */
const withWritableHeaders = (result: HandlerResult): HandlerResult =>
  result._tag === "ConnectionReset" ? result : { ...result, headers: writableHeaders(result.headers) }

/** Removes the body of a reply to HEAD, counts the bytes sent, and records how the exchange ends. */
const recordResult = (entry: PendingEntry, request: Request, result: HandlerResult): HandlerResult => {
  if (result._tag === "ConnectionReset") {
    entry.outcome = result.cause === undefined ? "serverClosed" : "clientClosed"
    return result
  }
  entry.status = result.status
  entry.notDone = result.headers[notDoneHeader]?.split(", ") ?? []
  if (!hasBody(request, result)) {
    entry.outcome = "completed"
    // An error response to HEAD has no document, so its length is 0.
    const length = request.method === "HEAD" && entry.code !== undefined ? { "content-length": "0" } : {}
    return { ...result, headers: { ...result.headers, ...length }, body: new Uint8Array(0) }
  }
  if (result.body instanceof Uint8Array) {
    entry.outcome = "completed"
    entry.bytesSent = result.body.length
    return result
  }
  const body = result.body.pipe(
    // One chunk per pull: counts what the client took.
    Stream.rechunk(1),
    Stream.map((chunk) => {
      entry.bytesSent += chunk.length
      return chunk
    }),
    Stream.ensuringWith((exit) =>
      Effect.sync(() => {
        // Fewer bytes than announced: the client left.
        const whole = entry.bytesSent >= Number(result.headers["content-length"] ?? 0)
        const cut = Exit.isFailure(exit) && !Exit.isInterrupted(exit)
        entry.outcome = cut ? "serverClosed" : Exit.isSuccess(exit) && whole ? "completed" : "clientClosed"
      })
    )
  )
  return { ...result, body }
}

/**
 * Handles one request. The scope must stay open until the reply's body has been sent: closing it releases what the
 * operation staged or holds open. Interrupt the fiber when the client leaves.
 */
export const handle = (state: EmulatorState, request: Request): Effect.Effect<HandlerResult, never, Scope.Scope> =>
  Effect.gen(function* () {
    const at = yield* now(state)
    const entry = state.journal.begin(request, new Date(at))
    return yield* respondTo(state, entry, request, at).pipe(
      Effect.map((result) => recordResult(entry, request, withWritableHeaders(result))),
      Effect.ensuring(Effect.sync(() => state.journal.measure(entry))),
      Effect.onInterrupt(() =>
        Effect.sync(() => {
          entry.outcome = "clientClosed"
        })
      )
    )
  })
