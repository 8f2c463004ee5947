/** The span and the metrics of an operation. The spans of the HTTP client show URLs with signatures, so they are off. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberRef from "effect/FiberRef"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import * as MetricKey from "effect/MetricKey"
import * as MetricLabel from "effect/MetricLabel"
import type * as Tracer from "effect/Tracer"
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
export class Recorder {
  readonly clock: Clock.Clock
  readonly #operation: string
  readonly #bodySize: number | undefined
  /** Until it ends: the recorder is known for longer, see `runOnce`. */
  #span: Tracer.Span | undefined
  readonly #labels: ReadonlyArray<MetricLabel.MetricLabel>
  readonly #isTimed: boolean
  readonly #began: number

  constructor({ body, operation }: Request, span: Tracer.Span, fiber: Fiber.RuntimeFiber<unknown, unknown>) {
    this.clock = Context.get(fiber.currentDefaultServices, Clock.Clock)
    this.#operation = operation
    this.#bodySize = body?.size
    this.#span = span
    this.#labels = fiber.getFiberRef(FiberRef.currentMetricLabels)
    this.#isTimed = fiber.getFiberRef(FiberRef.currentTracerTimingEnabled)
    this.#began = monotonicMillisOf(this.clock)
  }

  requestSent(): void {
    attempts.unsafeUpdate(1, this.#labels)
    if (this.#bodySize !== undefined) bytesSent.unsafeUpdate(this.#bodySize, this.#labels)
  }

  responded(attempt: number, status: number, requestId: string | undefined): void {
    this.#span?.attribute("cos.attempt", attempt)
    this.#span?.attribute("http.response.status_code", status)
    if (requestId !== undefined) this.#span?.attribute("cos.request_id", requestId)
  }

  bytesReceived(count: number): void {
    bytesReceived.unsafeUpdate(count, this.#labels)
  }

  ended(exit: Exit.Exit<unknown, unknown>): void {
    if (Exit.isSuccess(exit)) {
      latencyOf(this.#operation).unsafeUpdate(monotonicMillisOf(this.clock) - this.#began, this.#labels)
    }
    this.#span?.end(this.#isTimed ? this.clock.unsafeCurrentTimeNanos() : 0n, exit)
    this.#span = undefined
  }
}

/** `request` has its bucket and region filled in. */
export const begin = (
  request: Request,
  traceObjectKeys: boolean,
  fiber: Fiber.RuntimeFiber<unknown, unknown>
): Effect.Effect<Recorder> => {
  const { bucket, key, region } = request
  const attributes: { [name: string]: unknown } = { "http.request.method": request.method }
  if (bucket !== undefined) attributes["cos.bucket"] = bucket
  if (region !== undefined) attributes["cos.region"] = region
  if (traceObjectKeys && key !== undefined) attributes["cos.key"] = key
  return Effect.map(
    Effect.makeSpan(`Cos.${request.operation}`, { kind: "client", captureStackTrace: false, attributes }),
    (span) => new Recorder(request, span, fiber)
  )
}
