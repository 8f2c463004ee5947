/**
 * Reads and drops the rest of a body that nobody wants.
 */
import type { IncomingMessage } from "node:http"

/**
 * Drops what the client still sends, so that it reads the response and can use the connection again. Cuts it off if it
 * sends more than `maxBytes` or has not ended after `milliseconds`.
 */
export const discardBody = (
  message: IncomingMessage,
  { maxBytes, milliseconds }: { readonly maxBytes: number; readonly milliseconds: number }
): void => {
  if (message.complete || message.destroyed) {
    message.resume()
    return
  }
  let discarded = 0
  const timer = setTimeout(() => message.destroy(), milliseconds)
  message.on("data", (chunk: Buffer) => {
    discarded += chunk.length
    if (discarded > maxBytes) message.destroy()
  })
  message.on("end", () => clearTimeout(timer))
  message.on("close", () => clearTimeout(timer))
  message.on("error", () => {})
  message.resume()
}
