/**
 * Bodies that nobody wants.
 */
import type { IncomingMessage } from "node:http"

/**
 * Lets what the client still sends pass, so that it reads the response and can use the connection again. One that sends
 * more than `maxBytes`, or has not ended after `milliseconds`, is cut off.
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
