/** What is wrong with a document, as a value. */
import * as Data from "effect/Data"
import * as Either from "effect/Either"
import type { Document } from "../../CosXml.js"
import { Malformed } from "./wellFormed.js"

/**
 * The text is not a document that COS may have sent, or a value cannot be written as XML.
 *
 * @since 0.1.0
 * @category errors
 */
export class XmlError extends Data.TaggedError("XmlError")<{
  /** What is wrong, as a phrase. It never contains text of the document. */
  readonly reason: string
  /** Where, in UTF-16 units, if that is known. */
  readonly offset?: number | undefined
}> {
  override get message(): string {
    return this.offset === undefined ? this.reason : `${this.reason} at offset ${this.offset}`
  }
}

export const toEither = (read: () => Document): Either.Either<Document, XmlError> => {
  try {
    return Either.right(read())
  } catch (error) {
    if (error instanceof Malformed) return Either.left(new XmlError({ reason: error.message, offset: error.offset }))
    throw error
  }
}
