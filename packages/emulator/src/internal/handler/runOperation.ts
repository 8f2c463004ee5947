/**
 * Dispatches a request to its operation: finds the bucket and checks the caller's permission.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { authenticateForm, type Principal } from "../access/authenticate.js"
import { CosFailure, failure } from "../http/failure.js"
import { type IncompleteBody, notDoneHeader, type Reply, type Request } from "../http/message.js"
import { resolve, type Target } from "../http/target.js"
import { corsHeaders } from "../operations/cors.js"
import { checkAppId, jobIdOf } from "../operations/jobs.js"
import { notDone } from "../operations/notDone.js"
import type {
  BucketCall,
  BucketNameCall,
  Operation,
  OperationError,
  RequestContext,
  ServiceCall
} from "../operations/operation.js"
import { checkSegments } from "../operations/parameters.js"
import { checkRequest } from "../operations/registry.js"
import type { Bucket } from "../storage/Storage.js"
import { authorize } from "./authorize.js"
import type { EmulatorState } from "./emulatorState.js"
import { toCosFailure } from "./errorReplies.js"

const contentLength = (request: Request): number | undefined => {
  const header = request.headers["content-length"]
  return header === undefined || header === "" ? undefined : Number(header)
}

/** Checks the request and the caller's permission, then runs the operation. */
export const dispatch = (
  state: EmulatorState,
  request: Request,
  target: Target,
  operation: Operation,
  principal: Principal,
  common: RequestContext
): Effect.Effect<Reply, OperationError, Scope.Scope> =>
  Effect.gen(function* () {
    const { endpoint } = target
    if (endpoint === "website" || endpoint === "processing") {
      return yield* failure("NotImplemented", { message: `The emulator has no ${endpoint} host.` })
    }
    yield* checkRequest(operation, target, request.headers, state.settings)
    const call: ServiceCall = {
      ...common,
      settings: state.settings,
      method: request.method,
      region: target.region,
      anonymous: principal._tag === "Anonymous",
      resolve: (host, path) => resolve(host, path, state.matchDomain),
      header: (name) => common.headers[name] || undefined,
      query: target.query,
      contentLength: contentLength(request),
      authorize: (permission, bucket, key, versionId) =>
        authorize(state, principal, permission, bucket, key, versionId),
      authorizeForm: (form) =>
        Either.map(
          authenticateForm(form, request, state.credentials, common.now),
          (principal) => (permission, bucket, key, versionId) =>
            authorize(state, principal, permission, bucket, key, versionId)
        )
    }
    const authorizeOperation = (bucket: Bucket | string, key: string) =>
      authorize(state, principal, operation, bucket, key, target.query.get("versionId"))
    const named: BucketNameCall = { ...call, name: target.bucket ?? "" }
    if (operation.on === "service" || operation.on === "bucketName") {
      yield* authorizeOperation(named.name, "")
      return yield* operation.run(named)
    }
    if (operation.on === "control") {
      yield* checkAppId(call)
      yield* authorizeOperation("", "")
      return yield* operation.run({ ...call, jobId: jobIdOf(operation.path ?? "", target.path) ?? "" })
    }
    const bucket = yield* state.storage.getBucket(named.name)
    // COS does not redirect to the right region: in any other the bucket does not exist.
    if (target.region !== undefined && target.region !== bucket.region) return yield* failure("NoSuchBucket")
    if (endpoint === "accelerate" && bucket.rules?.accelerated !== true) {
      return yield* failure("BucketAccelerateNotEnabled")
    }
    const located: BucketCall = { ...named, bucket }
    const key = target.key ?? ""
    if (request.method !== "OPTIONS") yield* checkSegments(key)
    const run =
      operation.on === "bucket"
        ? Effect.zipRight(
            // Of a caller with a key, deleteMultipleObjects checks the permission for each key only.
            operation.name === "deleteMultipleObjects" && principal._tag === "Keyed"
              ? Effect.void
              : authorizeOperation(bucket, target.query.get("prefix") ?? ""),
            operation.run(located)
          )
        : Effect.zipRight(authorizeOperation(bucket, key), operation.run({ ...located, key }))
    const left = notDone(operation, target.query, request.headers)
    const headers = {
      ...corsHeaders(located),
      ...(left.length === 0 ? {} : { [notDoneHeader]: left.join(", ") })
    }
    return Object.keys(headers).length === 0
      ? yield* run
      : yield* Effect.map(run, (reply) => ({ ...reply, headers: { ...headers, ...reply.headers } }))
  })

/**
 * Adds the CORS headers of the bucket to a refusal, whatever the reason, a wrong signature too: a web page could not read
 * it otherwise.
 */
export const addCorsHeaders = (
  state: EmulatorState,
  request: Request,
  target: Target | undefined,
  refusal: Exclude<OperationError, IncompleteBody>
): Effect.Effect<CosFailure> =>
  Effect.gen(function* () {
    const { code, details, headers: own, message, status } = toCosFailure(refusal)
    const bucket = yield* Effect.option(state.storage.getBucket(target?.bucket ?? ""))
    if (Option.isNone(bucket) || (target?.region ?? bucket.value.region) !== bucket.value.region) {
      return new CosFailure({ code, details, headers: own, message, status })
    }
    const headers = corsHeaders({
      bucket: bucket.value,
      method: request.method,
      header: (name) => request.headers[name] || undefined
    })
    return new CosFailure({ code, details, headers: { ...headers, ...own }, message, status })
  })
