/**
 * Requests to STS. Faults act on them as on those to COS, by the names `federationToken` and `assumeRole`.
 */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { afterOperation } from "../faults/afterOperation.js"
import { beforeOperation } from "../faults/beforeOperation.js"
import { insteadOfOperation, type MakeErrorReply } from "../faults/insteadOfOperation.js"
import type { ActiveFault } from "../faults/rules.js"
import type { CosFailure } from "../http/failure.js"
import { type HandlerResult, IncompleteBody, type Reply, type Request, reply } from "../http/message.js"
import type { PendingEntry } from "../journal/journal.js"
import { type StsFailure, stsFailure } from "../sts/failure.js"
import { answerSts, failureDocument, type Issued, issuedDocument, stsOperations } from "../sts/sts.js"
import { parseStsRequest, type StsRequest } from "../sts/stsRequest.js"
import { type EmulatorState, now } from "./emulatorState.js"

/** In bytes. */
const maxBody = 1024 * 1024

/** Reads the body as text, which a signature covers as it was sent. */
const readText = (entry: PendingEntry, request: Request): Effect.Effect<string, IncompleteBody> => {
  const source = request.bufferedBody === undefined ? request.body : Stream.fromEffect(request.bufferedBody)
  return source.pipe(
    Stream.mapEffect((chunk) => {
      entry.bytesReceived += chunk.length
      return entry.bytesReceived > maxBody
        ? Effect.fail(new IncompleteBody({ cause: new Error("the body is over 1 MiB") }))
        : Effect.succeed(chunk)
    }),
    Stream.runCollect,
    Effect.map((chunks) => Buffer.concat(Chunk.toReadonlyArray(chunks)).toString("utf8"))
  )
}

/** How many temporary keys are remembered; the oldest are forgotten first. */
const maxSessions = 10_000

const remember = ({ credentials, sessions }: EmulatorState, { credential, session }: Issued): void => {
  const oldest = sessions.keys().next().value
  if (sessions.size >= maxSessions && oldest !== undefined) {
    sessions.delete(oldest)
    credentials.delete(oldest)
  }
  credentials.set(credential.secretId, credential)
  sessions.set(session.secretId, session)
}

const jsonReply = (status: number, document: object): Reply =>
  reply(status, { "content-type": "application/json" }, JSON.stringify(document))

const withDate = (result: HandlerResult, time: number): HandlerResult =>
  result._tag === "ConnectionReset"
    ? result
    : { ...result, headers: { date: new Date(time).toUTCString(), ...result.headers } }

const identify = (state: EmulatorState, entry: PendingEntry, request: StsRequest): void => {
  entry.operation = Object.hasOwn(stsOperations, request.action) ? stsOperations[request.action] : undefined
  entry.signature = request.scheme
  entry.secretId = request.secretId
  if (request.scheme === "query") entry.query = state.journal.redactQuery(request.params)
}

/** `faultsOf` gives the faults that are to act on the request, once it is known what it is. */
export const respondToSts = (
  state: EmulatorState,
  entry: PendingEntry,
  request: Request,
  faultsOf: () => Either.Either<ReadonlyArray<ActiveFault>, CosFailure>
): Effect.Effect<HandlerResult, never, Scope.Scope> =>
  Effect.gen(function* () {
    const text = yield* readText(entry, request)
    const parsed = parseStsRequest(request, text)
    if (Either.isRight(parsed)) identify(state, entry, parsed.right)
    const own = faultsOf()
    const activeFaults = Either.getOrElse(own, () => [])
    const error: MakeErrorReply = (status, code, message = code) => {
      entry.code = code
      entry.message = message
      return jsonReply(status, failureDocument(code, message, entry.requestId))
    }
    const refuse = ({ code, message }: StsFailure | CosFailure) => error(200, code, message)
    const result = yield* Effect.gen(function* () {
      yield* own
      for (const activeFault of activeFaults) {
        const replacement = insteadOfOperation(activeFault, Stream.empty, error)
        if (replacement !== undefined) return yield* replacement
        yield* beforeOperation(activeFault, {
          storage: state.storage,
          storageHook: undefined,
          headers: request.headers,
          body: Stream.empty,
          bufferedBody: undefined,
          now: yield* now(state),
          listedUntil: Number.POSITIVE_INFINITY
        })
      }
      if (!/^\/(?:$|\?)/.test(request.target)) return yield* stsFailure("InvalidRequest", "The path must be /.")
      const issued = yield* answerSts(
        yield* parsed,
        state.credentials,
        { ...state.settings, roles: state.roles },
        yield* now(state)
      )
      remember(state, issued)
      return jsonReply(200, issuedDocument(issued, entry.requestId))
    }).pipe(
      Effect.catchTags({ StsFailure: (e) => Effect.succeed(refuse(e)), CosFailure: (e) => Effect.succeed(refuse(e)) })
    )
    return yield* afterOperation(activeFaults, withDate(result, yield* now(state)), error)
  }).pipe(
    // The client left or its body failed: nobody waits for a reply.
    Effect.catchTag("IncompleteBody", ({ cause }) => Effect.succeed<HandlerResult>({ _tag: "ConnectionReset", cause }))
  )
