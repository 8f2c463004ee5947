/** Reads a page of a list from text to values: as `listObjects` does, and as others do. */
import { createRequire } from "node:module"
import * as Either from "effect/Either"
import type * as Schema from "effect/Schema"
import * as Cos from "effect-cos/Cos"
import * as CosXml from "effect-cos/CosXml"
import * as decoder from "../../../packages/cos/src/internal/operation/decoder.js"
import * as wire from "../../../packages/cos/src/internal/operation/wireFormat.js"
import { page } from "../content.js"
import { inParallel, type Variant } from "../variants.js"
import * as raw from "./raw.js"

const parsing =
  (parse: (xml: string) => unknown): Variant =>
  () =>
    inParallel(1, async () => parse(page))

const schema = Cos.listObjects.spec.success as Schema.Schema<unknown, unknown>

const { XMLParser } = createRequire(`${process.cwd()}/packages/cos/package.json`)("fast-xml-parser")
const parser = new XMLParser({ processEntities: false, parseTagValue: false, trimValues: false })
const fastXmlParser = (xml: string): unknown => parser.parse(xml)

const { xml2json } = createRequire(`${process.cwd()}/package.json`)("cos-nodejs-sdk-v5/sdk/util")

export const ours = parsing((xml) => {
  const document = Either.getOrThrow(CosXml.parseList(xml))
  return Either.getOrThrow(decoder.decode(schema, wire.read(wire.planOf(schema), {}, document.content, undefined)))
})
export const oursUndecoded = parsing((xml) => Either.getOrThrow(CosXml.parseList(xml)))
export const peer = parsing(fastXmlParser)
/** With its request. */
export const rawList = raw.list(fastXmlParser)
export const official = parsing(xml2json)
