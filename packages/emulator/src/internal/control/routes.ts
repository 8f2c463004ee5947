/**
 * The routes of the control service over HTTP: JSON in and out, one route for each thing it does.
 */
import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as JSONSchema from "effect/JSONSchema"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Struct from "effect/Struct"
import * as Access from "../../Access.js"
import { type Control, EmulatorError, type Snapshot } from "../../Control.js"
import * as Fault from "../../Fault.js"
import { names } from "../operations/registry.js"
import { stsOperations } from "../sts/sts.js"
import { healthPath } from "./authorization.js"

const BucketOptions = Schema.Struct({
  region: Schema.optional(Schema.String),
  versioning: Schema.optional(Schema.Literal("Enabled", "Suspended")),
  acl: Schema.optional(Schema.Literal("private", "public-read", "public-read-write"))
})

/** The bodies that clients send. `GET /schemas` shows their JSON Schemas under these names. */
const schemas = {
  fault: Fault.FaultSpec,
  bucket: BucketOptions,
  credential: Access.Credential,
  clock: Schema.Union(Schema.Struct({ advanceMilliseconds: Schema.NonNegative }), Schema.Struct({ set: Schema.Date }))
}

const jsonSchemas = {
  fault: JSONSchema.make(schemas.fault),
  bucket: JSONSchema.make(schemas.bucket),
  credential: JSONSchema.make(schemas.credential),
  clock: JSONSchema.make(schemas.clock)
}

const json = (value: unknown, status = 200): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.text(`${JSON.stringify(value, toPlainJson, 2)}\n`, { status, contentType: "application/json" })

/** Replaces values that JSON cannot express. */
const toPlainJson = (_: string, value: unknown): unknown =>
  typeof value === "bigint" ? String(value) : value === Number.POSITIVE_INFINITY ? "all" : value

const noContent = HttpServerResponse.empty({ status: 204 })

const notFound = (what: string): EmulatorError =>
  new EmulatorError({ code: "NotFound", message: `There is no ${what}.` })

const statusOf = ({ code }: EmulatorError): number =>
  code === "Storage"
    ? 500
    : code === "NotFound" || code.startsWith("NoSuch")
      ? 404
      : code.endsWith("OwnedByYou")
        ? 409
        : 400

/** An unknown operation is a defect in a program, but an error response over HTTP. */
const setFault = (control: Control, spec: Fault.FaultSpec) =>
  Effect.catchSomeDefect(control.fault(spec), (defect) =>
    defect instanceof EmulatorError ? Option.some(Effect.fail(defect)) : Option.none()
  )

/** Finds a fault by its id, whoever set it. */
const faultOf = (control: Control, id: string) =>
  Effect.flatMap(control.faults, (faults) => {
    const found = faults.find((fault) => String(fault.id) === id)
    return found === undefined ? Effect.fail(notFound(`fault ${id}`)) : Effect.succeed(found)
  })

const body = <A, I>(schema: Schema.Schema<A, I>) =>
  HttpServerRequest.schemaBodyJson(schema, { onExcessProperty: "error" })

const parameter = (name: string) => Effect.map(HttpRouter.params, (params) => params[name] ?? "")

/** Decodes the query and refuses unknown parameters by name. */
const query = <A, I extends Readonly<Record<string, string | ReadonlyArray<string> | undefined>>>(
  schema: Schema.Schema<A, I>
) => HttpServerRequest.schemaSearchParams(schema, { onExcessProperty: "error" })

const text = Schema.optional(Schema.String)
const count = Schema.NumberFromString.pipe(Schema.int(), Schema.nonNegative())

/** The fields by which entries can be selected. */
const journalFields = {
  operation: text,
  bucket: text,
  key: text,
  method: text,
  status: text,
  code: text,
  uploadId: text,
  outcome: text
}
const fieldNames = Struct.keys(journalFields)
const JournalQuery = Schema.Struct({
  ...journalFields,
  /** Only entries after the one of this id. */
  after: Schema.optional(count),
  limit: Schema.optional(count)
})

const journal = (control: Control) =>
  Effect.gen(function* () {
    const { after = 0, limit, ...wanted } = yield* query(JournalQuery)
    const entries = (yield* control.journal).filter(
      (entry) =>
        entry.id > after &&
        fieldNames.every((name) => wanted[name] === undefined || String(entry[name]) === wanted[name])
    )
    return json(entries.slice(0, limit))
  })

const KeyQuery = Schema.Struct({ key: Schema.String, versionId: text })

const SeedQuery = Schema.Struct({
  key: Schema.String,
  storageClass: text,
  storageTier: Schema.optional(Schema.Literal("FREQUENT", "INFREQUENT", "ARCHIVE", "DEEP_ARCHIVE"))
})

const faultRoutes = (control: Control) => [
  HttpRouter.makeRoute(
    "GET",
    "/faults",
    Effect.map(control.faults, (faults) => json(faults))
  ),
  HttpRouter.makeRoute(
    "POST",
    "/faults",
    Effect.gen(function* () {
      const { id } = yield* setFault(control, yield* body(schemas.fault))
      return json(yield* faultOf(control, String(id)), 201)
    })
  ),
  HttpRouter.makeRoute("DELETE", "/faults", Effect.as(control.clearFaults, noContent)),
  HttpRouter.makeRoute(
    "GET",
    "/faults/:id",
    Effect.map(
      Effect.flatMap(parameter("id"), (id) => faultOf(control, id)),
      (fault) => json(fault)
    )
  ),
  HttpRouter.makeRoute(
    "DELETE",
    "/faults/:id",
    parameter("id").pipe(
      Effect.flatMap((id) => faultOf(control, id)),
      Effect.flatMap(({ id }) => control.removeFault(id)),
      Effect.as(noContent)
    )
  )
]

const bucketRoutes = (control: Control) => [
  HttpRouter.makeRoute(
    "GET",
    "/buckets",
    Effect.map(control.buckets, (buckets) => json(buckets))
  ),
  HttpRouter.makeRoute(
    "PUT",
    "/buckets/:bucket",
    Effect.gen(function* () {
      yield* control.createBucket(yield* parameter("bucket"), yield* body(schemas.bucket))
      return json({}, 201)
    })
  ),
  HttpRouter.makeRoute(
    "PATCH",
    "/buckets/:bucket",
    Effect.gen(function* () {
      yield* control.updateBucket(yield* parameter("bucket"), yield* body(BucketOptions.omit("region")))
      return noContent
    })
  ),
  HttpRouter.makeRoute(
    "GET",
    "/buckets/:bucket/objects",
    Effect.map(Effect.flatMap(parameter("bucket"), control.objects), (objects) => json(objects))
  ),
  HttpRouter.makeRoute(
    "GET",
    "/buckets/:bucket/versions",
    Effect.map(Effect.flatMap(parameter("bucket"), control.versions), (versions) => json(versions))
  ),
  HttpRouter.makeRoute(
    "GET",
    "/buckets/:bucket/bytes",
    Effect.gen(function* () {
      const { key, versionId } = yield* query(KeyQuery)
      return HttpServerResponse.uint8Array(yield* control.bytes(yield* parameter("bucket"), key, { versionId }))
    })
  ),
  HttpRouter.makeRoute(
    "PUT",
    "/buckets/:bucket/bytes",
    Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      const { key, storageClass, storageTier } = yield* query(SeedQuery)
      yield* control.seed(yield* parameter("bucket"), key, request.stream, {
        contentType: request.headers["content-type"],
        storageClass,
        storageTier
      })
      return json({}, 201)
    })
  )
]

const snapshotRoutes = (control: Control) => {
  const snapshots = new Map<string, Snapshot>()
  let lastSnapshot = 0
  const snapshotOf = (id: string) => {
    const found = snapshots.get(id)
    return found === undefined ? Effect.fail(notFound(`snapshot ${id}`)) : Effect.succeed(found)
  }
  return [
    HttpRouter.makeRoute(
      "POST",
      "/reset",
      Effect.map(control.reset, () => {
        snapshots.clear()
        return noContent
      })
    ),
    HttpRouter.makeRoute(
      "GET",
      "/snapshots",
      Effect.sync(() => json(Array.from(snapshots.keys(), (id) => ({ id }))))
    ),
    HttpRouter.makeRoute(
      "POST",
      "/snapshots",
      Effect.map(control.snapshot, (snapshot) => {
        lastSnapshot += 1
        const id = String(lastSnapshot)
        snapshots.set(id, snapshot)
        return json({ id }, 201)
      })
    ),
    HttpRouter.makeRoute(
      "POST",
      "/snapshots/:id/restore",
      parameter("id").pipe(Effect.flatMap(snapshotOf), Effect.flatMap(control.restore), Effect.as(noContent))
    ),
    HttpRouter.makeRoute(
      "DELETE",
      "/snapshots/:id",
      Effect.gen(function* () {
        const id = yield* parameter("id")
        yield* control.removeSnapshot(yield* snapshotOf(id))
        snapshots.delete(id)
        return noContent
      })
    )
  ]
}

const makeRouter = (control: Control) => {
  const routes = [
    HttpRouter.makeRoute("GET", healthPath, Effect.succeed(json({ status: "ok" }))),
    HttpRouter.makeRoute("GET", "/schemas", Effect.succeed(json(jsonSchemas))),
    ...faultRoutes(control),
    HttpRouter.makeRoute("GET", "/journal", journal(control)),
    HttpRouter.makeRoute("DELETE", "/journal", Effect.as(control.clearJournal, noContent)),
    HttpRouter.makeRoute(
      "GET",
      "/uploads",
      Effect.map(control.unfinishedUploads, (uploads) => json(uploads))
    ),
    ...bucketRoutes(control),
    HttpRouter.makeRoute(
      "GET",
      "/clock",
      Effect.map(control.clock.now, (now) => json({ now }))
    ),
    HttpRouter.makeRoute(
      "POST",
      "/clock",
      Effect.gen(function* () {
        const change = yield* body(schemas.clock)
        yield* "set" in change ? control.clock.set(change.set) : control.clock.adjust(change.advanceMilliseconds)
        return json({ now: yield* control.clock.now })
      })
    ),
    HttpRouter.makeRoute(
      "POST",
      "/credentials",
      Effect.gen(function* () {
        yield* control.addCredentials(yield* body(schemas.credential))
        return noContent
      })
    ),
    HttpRouter.makeRoute(
      "DELETE",
      "/credentials/:id",
      Effect.as(Effect.flatMap(parameter("id"), control.removeCredentials), noContent)
    ),
    HttpRouter.makeRoute(
      "GET",
      "/sessions",
      Effect.map(control.sessions, (sessions) => json(sessions))
    ),
    ...snapshotRoutes(control)
  ]
  const index = HttpRouter.makeRoute(
    "GET",
    "/",
    Effect.succeed(
      json({
        endpoint: control.endpoint,
        tlsEndpoint: control.tls?.endpoint,
        region: control.region,
        appId: control.appId,
        owner: control.owner,
        operations: [...names, ...Object.values(stsOperations)],
        routes: routes.map(({ method, path }) => `${method} ${path}`)
      })
    )
  )
  return HttpRouter.fromIterable([index, ...routes])
}

const errorResponse = (code: string, message: string, status: number) => Effect.succeed(json({ code, message }, status))

/** The whole app: every error is a JSON document with a code and a message. */
export const makeApp = (control: Control): HttpApp.Default =>
  makeRouter(control).pipe(
    Effect.catchTags({
      EmulatorError: (error) => errorResponse(error.code, error.message, statusOf(error)),
      ParseError: (error) => errorResponse("InvalidArgument", ParseResult.TreeFormatter.formatErrorSync(error), 400),
      RequestError: (error) => errorResponse("InvalidArgument", error.message, 400),
      RouteNotFound: ({ request }) => errorResponse("NotFound", `There is no ${request.method} ${request.url}.`, 404)
    })
  )
