/** Our span and metrics; the HTTP client's own, which show URLs with signatures, are off. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import type * as Tracer from "effect/Tracer"
import type { Request } from "./request.js"

const attempts = Metric.counter("cos_attempts_total", {
  description: "Requests sent, repeated ones included",
  incremental: true
})
const bytesSent = Metric.counter("cos_bytes_sent_total", { description: "Bytes of request bodies", incremental: true })
const latency = Metric.timerWithBoundaries(
  "cos_operation_duration",
  MetricBoundaries.exponential({ start: 1, factor: 2, count: 16 }).values,
  "Time of an operation, retries included"
)

/** A request within no span but ours. */
export const untraced: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> = Effect.locally(
  HttpClient.currentTracerDisabledWhen,
  () => true
)

export const countAttempt = (request: Request): Effect.Effect<void> => {
  const count = Metric.increment(attempts)
  return request.body === undefined ? count : Effect.zipRight(count, Metric.incrementBy(bytesSent, request.body.size))
}

export interface SpanOptions {
  readonly region: string | undefined
  readonly bucket: string | undefined
  readonly keys: boolean
}

export const operation = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  request: Request,
  options: SpanOptions
): Effect.Effect<A, E, Exclude<R, Tracer.ParentSpan>> => {
  const attributes: { [name: string]: unknown } = { "http.request.method": request.method }
  if (options.bucket !== undefined) attributes["cos.bucket"] = options.bucket
  if (options.region !== undefined) attributes["cos.region"] = options.region
  if (options.keys && request.key !== undefined) attributes["cos.key"] = request.key
  return Effect.withSpan(
    Metric.trackDuration(self, Metric.tagged(latency, "operation", request.operation)),
    `Cos.${request.operation}`,
    {
      kind: "client",
      captureStackTrace: false,
      attributes
    }
  )
}

export const answered = (attempt: number, status: number, requestId: string | undefined): Effect.Effect<void> =>
  Effect.annotateCurrentSpan({
    "cos.attempt": attempt,
    "http.response.status_code": status,
    ...(requestId === undefined ? undefined : { "cos.request_id": requestId })
  })
