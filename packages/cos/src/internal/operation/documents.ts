/** Documents as the bodies of requests. */
import * as Either from "effect/Either"
import * as Body from "../../Body.js"
import type * as CosXml from "../../CosXml.js"
import { build } from "../xml/writer.js"
import type { RequestDraft } from "./model.js"

export const xmlTextRule = "must be text that XML can carry"

export const sendXml = (
  draft: RequestDraft,
  root: string,
  content: CosXml.Node,
  contentMd5: boolean
): string | undefined => {
  const xml = build(root, content)
  if (Either.isLeft(xml)) return xmlTextRule
  send(draft, xml.right, "application/xml", contentMd5)
  return undefined
}

export const send = (draft: RequestDraft, text: string, contentType: string, contentMd5: boolean): void => {
  draft.body = Body.text(text)
  draft.headers.push(["Content-Type", contentType])
  draft.contentMd5 = contentMd5
}
