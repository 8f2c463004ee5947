/** The span and the metrics of an operation. The spans of the HTTP client show URLs with signatures, so they are off. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import * as MetricKey from "effect/MetricKey"
import * as MetricLabel from "effect/MetricLabel"
import { monotonicMillisOf } from "../time/monotonic.js"
import type { Request } from "./request.js"

const attempts = Metric.counter("cos_attempts_total", {
  description: "Requests sent, repeated ones included",
  incremental: true
})
const bytesSent = Metric.counter("cos_bytes_sent_total", { description: "Bytes of request bodies", incremental: true })
const bytesReceived = Metric.counter("cos_bytes_received_total", {
  description: "Bytes of response bodies",
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

/** For a fiber that sends a request and does nothing else. */
export const untraced: Effect.Effect<void> = FiberRef.set(HttpClient.currentTracerDisabledWhen, () => true)

/** Records what happens while an operation runs. Plain calls: an effect would cost more than what it counts. */
export interface Recorder {
  readonly requestSent: () => void
  readonly responded: (attempt: number, status: number, requestId: string | undefined) => void
  readonly bytesReceived: (count: number) => void
  readonly succeeded: () => void
}

/** `request` has its bucket and region filled in. */
export const operation = <A, E, R>(
  request: Request,
  traceObjectKeys: boolean,
  run: (recorder: Recorder, clock: Clock.Clock) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> => {
  const { bucket, key, region } = request
  const attributes: { [name: string]: unknown } = { "http.request.method": request.method }
  if (bucket !== undefined) attributes["cos.bucket"] = bucket
  if (region !== undefined) attributes["cos.region"] = region
  if (traceObjectKeys && key !== undefined) attributes["cos.key"] = key
  return Effect.useSpan(`Cos.${request.operation}`, { kind: "client", captureStackTrace: false, attributes }, (span) =>
    Effect.withFiberRuntime((fiber) => {
      const clock = Context.get(fiber.currentDefaultServices, Clock.Clock)
      const labels = fiber.getFiberRef(FiberRef.currentMetricLabels)
      const began = monotonicMillisOf(clock)
      const recorder: Recorder = {
        requestSent: () => {
          attempts.unsafeUpdate(1, labels)
          if (request.body !== undefined) bytesSent.unsafeUpdate(request.body.size, labels)
        },
        responded: (attempt, status, requestId) => {
          span.attribute("cos.attempt", attempt)
          span.attribute("http.response.status_code", status)
          if (requestId !== undefined) span.attribute("cos.request_id", requestId)
        },
        bytesReceived: (count) => bytesReceived.unsafeUpdate(count, labels),
        succeeded: () => {
          latencyOf(request.operation).unsafeUpdate(monotonicMillisOf(clock) - began, labels)
        }
      }
      return run(recorder, clock)
    })
  )
}
