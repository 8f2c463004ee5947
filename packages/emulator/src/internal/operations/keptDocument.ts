/**
 * Documents that the emulator stores by their meaning: where one holds more than that, its text is stored too and given
 * back as it was put.
 */
import { reply } from "../http/message.js"
import { type Shape, shapeProblem } from "../xml/shape.js"
import * as Xml from "../xml/xml.js"

/** The text of a document that holds elements or attributes that the emulator does not know; nothing for any other. */
export const keptText = (node: Xml.Node, shape: Shape): { readonly document: string } | undefined =>
  shapeProblem(node, shape, true) === undefined ? undefined : { document: Xml.render(Xml.toElement(node)) }

/** The document as it was put. */
export const keptReply = (document: string, headers: Readonly<Record<string, string>> = {}) =>
  reply(200, { "content-type": "application/xml", ...headers }, document)
