/** Our span and metrics; the HTTP client's own, which show URLs with signatures, are off. */
import * as HttpClient from "@effect/platform/HttpClient"
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import * as MetricKey from "effect/MetricKey"
import * as MetricLabel from "effect/MetricLabel"
import type { Request } from "./request.js"

const attempts = Metric.counter("cos_attempts_total", {
  description: "Requests sent, repeated ones included",
  incremental: true
})
const bytesSent = Metric.counter("cos_bytes_sent_total", { description: "Bytes of request bodies", incremental: true })
const bytesReceived = Metric.counter("cos_bytes_received_total", {
  description: "Bytes of answers' bodies",
  incremental: true
})
const latency = MetricKey.histogram(
  "cos_operation_duration",
  MetricBoundaries.exponential({ start: 1, factor: 2, count: 16 }),
  "Time of an operation, retries included"
)

const latencies = new Map<string, Metric.Metric.Histogram<number>>()

/** A timer of the operation. `Metric.tagged` would look its key up at every update. */
const latencyOf = (operation: string): Metric.Metric.Histogram<number> => {
  let metric = latencies.get(operation)
  if (metric === undefined) {
    const labels = [MetricLabel.make("time_unit", "milliseconds"), MetricLabel.make("operation", operation)]
    metric = Metric.fromMetricKey(MetricKey.taggedWithLabels(latency, labels))
    latencies.set(operation, metric)
  }
  return metric
}

/** Of a fiber that sends a request and does nothing else: no span but ours. */
export const untraced: Effect.Effect<void> = FiberRef.set(HttpClient.currentTracerDisabledWhen, () => true)

export interface SpanOptions {
  readonly region: string | undefined
  readonly bucket: string | undefined
  readonly keys: boolean
}

/** What is told of an operation while it runs. Plain calls: each effect costs more than what is counted by it. */
export interface Told {
  readonly sending: () => void
  readonly answered: (attempt: number, status: number, requestId: string | undefined) => void
  readonly received: (count: number) => void
  readonly succeeded: () => void
}

export const operation = <A, E, R>(
  request: Request,
  options: SpanOptions,
  run: (told: Told, clock: Clock.Clock) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> => {
  const attributes: { [name: string]: unknown } = { "http.request.method": request.method }
  if (options.bucket !== undefined) attributes["cos.bucket"] = options.bucket
  if (options.region !== undefined) attributes["cos.region"] = options.region
  if (options.keys && request.key !== undefined) attributes["cos.key"] = request.key
  return Effect.useSpan(`Cos.${request.operation}`, { kind: "client", captureStackTrace: false, attributes }, (span) =>
    Effect.clockWith((clock) =>
      FiberRef.getWith(FiberRef.currentMetricLabels, (labels) => {
        const began = clock.unsafeCurrentTimeMillis()
        const told: Told = {
          sending: () => {
            attempts.unsafeUpdate(1, labels)
            if (request.body !== undefined) bytesSent.unsafeUpdate(request.body.size, labels)
          },
          answered: (attempt, status, requestId) => {
            span.attribute("cos.attempt", attempt)
            span.attribute("http.response.status_code", status)
            if (requestId !== undefined) span.attribute("cos.request_id", requestId)
          },
          received: (count) => bytesReceived.unsafeUpdate(count, labels),
          succeeded: () => {
            latencyOf(request.operation).unsafeUpdate(clock.unsafeCurrentTimeMillis() - began, labels)
          }
        }
        return run(told, clock)
      })
    )
  )
}
