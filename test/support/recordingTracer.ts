/** A tracer that hands on whatever spans are given, with the span: how they end, or secrets, can be looked for in it. */
import * as Tracer from "effect/Tracer"

export const recordingTracer = (
  note: (part: unknown, span: Tracer.Span) => void,
  begin: (span: Tracer.Span) => void
): Tracer.Tracer => {
  let begun = 0
  return Tracer.make({
    context: (f) => f(),
    span: (name, parent, context, links, startTime, kind) => {
      begun += 1
      const span: Tracer.Span = {
        _tag: "Span",
        name,
        spanId: String(begun),
        traceId: "1",
        parent,
        context,
        status: { _tag: "Started", startTime },
        attributes: new Map(),
        links,
        sampled: true,
        kind,
        end: (_, exit) => note(exit, span),
        attribute: (...attribute) => note(attribute, span),
        event: (...event) => note(event, span),
        addLinks: (links) => note(links, span)
      }
      begin(span)
      return span
    }
  })
}
