/**
 * A configuration that is read and put again is the same document, whatever it holds: elements that no declaration names,
 * anywhere and more than once, with attributes and namespaces. For every configuration, of generated documents.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Cos from "effect-cos/Cos"
import * as CosXml from "effect-cos/CosXml"
import { again, type Configuration, configurations } from "../../../../test/operations/documents.js"
import * as ScriptedClient from "../support/ScriptedClient.js"

type Elements = CosXml.Elements
type Content = CosXml.Node | ReadonlyArray<CosXml.Node>

// --- what is compared ------------------------------------------------------------------------------------------------

const parsed = (document: string): unknown => {
  const { content, root } = Either.getOrThrow(CosXml.parse(document, { attributes: true }))
  return { root, content: canonical(content) }
}

/** Elements of different names have no order; those of one name do. */
const canonical = (content: Content): unknown =>
  typeof content === "string"
    ? content
    : Array.isArray(content)
      ? content.map(canonical)
      : Object.entries(content as Elements)
          .map(([name, inner]) => [name, canonical(inner)])
          .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))

/** What is put after the document was read. */
const putAfter = (call: Configuration["again"], document: string) =>
  Effect.gen(function* () {
    const { layer, requests } = ScriptedClient.make([{ body: document }, {}])
    yield* Effect.provide(call, layer)
    return requests[1]?.text ?? ""
  })

const xsi = "http://www.w3.org/2001/XMLSchema-instance"

// --- documents -------------------------------------------------------------------------------------------------------

const text = FastCheck.string({ unit: FastCheck.constantFrom(..."aZ0 <&>\"'é中\n"), maxLength: 6 })

const attributes = FastCheck.dictionary(
  FastCheck.constantFrom("@version", "@xsi:type", "@xmlns", "@xsi:nil"),
  FastCheck.constantFrom("1", "Group", "urn:a <&> b"),
  { maxKeys: 2 }
).map(
  (found): Elements =>
    Object.keys(found).some((name) => name.startsWith("@xsi:")) ? { "@xmlns:xsi": xsi, ...found } : found
)

/** Nothing of a configuration is called so. */
const name = FastCheck.constantFrom("Unknown", "New-Thing", "Prefix2", "Value_1", "x.y")

const { node } = FastCheck.letrec<{ node: CosXml.Node; elements: CosXml.Node; leaf: CosXml.Node }>((tie) => ({
  leaf: FastCheck.tuple(attributes, text).map(([attributes, text]) =>
    Object.keys(attributes).length === 0 ? text : text === "" ? attributes : { ...attributes, "#text": text }
  ),
  elements: FastCheck.tuple(
    attributes,
    FastCheck.dictionary(
      name,
      FastCheck.oneof(tie("node"), FastCheck.array(tie("node"), { minLength: 2, maxLength: 3 })),
      {
        minKeys: 1,
        maxKeys: 3
      }
    )
  ).map(([attributes, inner]) => ({ ...attributes, ...inner }) as Elements),
  node: FastCheck.oneof({ depthSize: "small" }, tie("leaf"), tie("elements"))
}))

const unknown = FastCheck.dictionary(
  name,
  FastCheck.oneof(node, FastCheck.array(node, { minLength: 2, maxLength: 3 })),
  { maxKeys: 2 }
)

/** The document with something unknown in any of its elements that hold elements, and in the root. */
const extended = (content: Content): FastCheck.Arbitrary<Content> => {
  if (typeof content === "string") return FastCheck.constant(content)
  if (Array.isArray(content)) return FastCheck.tuple(...content.map(extended)) as FastCheck.Arbitrary<Content>
  const known = Object.entries(content as Elements)
  return FastCheck.tuple(unknown, ...known.map(([, inner]) => extended(inner))).map(([more, ...inner]) => ({
    ...Object.fromEntries(known.map(([name], index) => [name, inner[index] as Content])),
    ...(more as Elements)
  }))
}

const built = (root: string, content: Content): string => Either.getOrThrow(CosXml.build(root, content as CosXml.Node))

const parameters = { seed: 20_261_129, numRuns: 25 }

describe.each(configurations)("$name", ({ again, document, root }) => {
  it.effect("a document of all that is known is put as it was read", () =>
    Effect.gen(function* () {
      const whole = built(root, document)
      expect(parsed(yield* putAfter(again, whole))).toEqual(parsed(whole))
    })
  )

  it("one with anything unknown in it, too", () =>
    FastCheck.assert(
      FastCheck.asyncProperty(extended(document), async (content) => {
        const whole = built(root, content)
        expect(parsed(await Effect.runPromise(putAfter(again, whole)))).toEqual(parsed(whole))
      }),
      parameters
    ))
})

// --- JSON ------------------------------------------------------------------------------------------------------------

const known = /^(?:version|principal|statement|sid|effect|action|resource|condition|__proto__)$/i

const unknownJson = FastCheck.dictionary(
  FastCheck.string({ unit: FastCheck.constantFrom(..."aE_-.中 "), minLength: 1, maxLength: 6 }),
  FastCheck.jsonValue({ maxDepth: 2 }),
  { maxKeys: 3 }
).filter((found) => Object.keys(found).every((name) => !known.test(name)))

const principal = FastCheck.constantFrom<object | string>(
  "*",
  { qcs: ["qcs::cam::anyone:anyone"] },
  { qcs: ["a", "b"] }
)

const statement = FastCheck.tuple(
  unknownJson,
  FastCheck.record(
    {
      Sid: FastCheck.string(),
      Effect: FastCheck.constantFrom("Allow", "Deny", "Later"),
      Principal: principal,
      Action: FastCheck.array(FastCheck.string(), { minLength: 1, maxLength: 2 }),
      Resource: FastCheck.array(FastCheck.string(), { minLength: 1, maxLength: 2 }),
      Condition: FastCheck.constant({ ip_equal: { "qcs:ip": ["10.0.0.0/8", 1, true] }, later: { key: "value" } })
    },
    { requiredKeys: ["Effect", "Action", "Resource"] }
  )
).map(([more, known]) => ({ ...known, ...more }))

const policies = FastCheck.tuple(
  unknownJson,
  FastCheck.record({ principal }, { requiredKeys: [] }),
  FastCheck.array(statement, { minLength: 1, maxLength: 2 })
).map(([more, top, Statement]) => ({ version: "2.0", ...top, Statement, ...more }))

const policyAgain = again(Cos.getBucketPolicy(), Cos.putBucketPolicy)

describe("policy", () => {
  it("with anything unknown in it is put as it was read", () =>
    FastCheck.assert(
      FastCheck.asyncProperty(policies, async (policy) => {
        const document = JSON.stringify(policy)
        const put = await Effect.runPromise(putAfter(policyAgain, document))
        expect(JSON.parse(put)).toEqual(JSON.parse(document))
      }),
      parameters
    ))

  it.effect("a single statement is a list of one, a principal may stand at the top, names have any case", () =>
    Effect.gen(function* () {
      const { layer } = ScriptedClient.make([
        {
          body: '{"version":"2.0","principal":{"qcs":["a"]},"statement":{"effect":"allow","action":"x","resource":["r"],"EFFECT":"deny"}}'
        }
      ])
      const { policy } = yield* Effect.provide(Cos.getBucketPolicy(), layer)
      expect(policy).toEqual({
        version: "2.0",
        principal: { qcs: ["a"] },
        statement: [{ effect: "allow", action: ["x"], resource: ["r"], EFFECT: "deny" }]
      })
    })
  )
})

// --- beside the property -----------------------------------------------------------------------------------------------

it.effect("unknown elements can be read, and survive JSON and a change beside them", () =>
  Effect.gen(function* () {
    const lifecycle = (status: string) =>
      `<LifecycleConfiguration><Rule><Status>${status}</Status><Expiration><Days>1</Days></Expiration><NewThing a="1">x</NewThing><NewThing/></Rule></LifecycleConfiguration>`
    const { layer, requests } = ScriptedClient.make([{ body: lifecycle("Enabled") }, {}])
    yield* Effect.gen(function* () {
      const { rules } = JSON.parse(JSON.stringify(yield* Cos.getBucketLifecycle()))
      expect(rules[0].unknownElements).toEqual({ NewThing: [{ "@a": "1", "#text": "x" }, ""] })
      yield* Cos.putBucketLifecycle({ rules: [{ ...rules[0], status: "Disabled" }] })
    }).pipe(Effect.provide(layer))
    expect(requests[1]?.text).toBe(lifecycle("Disabled"))
  })
)

it.effect("of an element that should be there once, further ones are kept", () =>
  Effect.gen(function* () {
    const document =
      "<OriginConfiguration><OriginRule><OriginType>Redirect</OriginType><OriginCondition/><OriginParameter><HttpRedirectCode>301</HttpRedirectCode><HttpRedirectCode>302</HttpRedirectCode></OriginParameter><OriginInfo><HostInfo><HostName>h</HostName><StandbyHostName_2>b</StandbyHostName_2></HostInfo></OriginInfo></OriginRule></OriginConfiguration>"
    const { layer, requests } = ScriptedClient.make([{ body: document }, {}])
    yield* Effect.gen(function* () {
      const origin = yield* Cos.getBucketOrigin()
      expect(origin.rules[0]?.originParameter?.httpRedirectCode).toBe(301)
      yield* Cos.putBucketOrigin(origin)
    }).pipe(Effect.provide(layer))
    expect(requests[1]?.text).toBe(document)
  })
)

it.effect("the key of a private origin is a secret", () =>
  Effect.gen(function* () {
    const key = "SECRET-KEY-OF-AN-ORIGIN"
    const document = `<OriginConfiguration><OriginRule><OriginType>Mirror</OriginType><OriginCondition/><OriginInfo><HostInfo><PrivateHost><CredentialProvider><SecretKey>${key}</SecretKey><EncryptedSecretKey>${key}</EncryptedSecretKey></CredentialProvider></PrivateHost></HostInfo></OriginInfo></OriginRule></OriginConfiguration>`
    const { layer, requests } = ScriptedClient.make([{ body: document }, {}])
    yield* Effect.gen(function* () {
      const origin = yield* Cos.getBucketOrigin()
      expect(JSON.stringify(origin)).not.toContain(key)
      yield* Cos.putBucketOrigin(origin)
    }).pipe(Effect.provide(layer))
    expect(requests[1]?.text).toBe(document)
  })
)

const wrong: ReadonlyArray<readonly [what: string, unknown: object]> = [
  ["a name with markup", { "a><b": "x" }],
  ["a value that is no text", { a: 1 }],
  ["an attribute that is no text", { "@a": { b: "c" } }],
  ["a value that is null", { a: null }],
  ["nothing but a list", ["a"]]
]
it.effect.each(wrong)("%s is refused before anything is sent", ([, unknownElements]) =>
  Effect.gen(function* () {
    const { layer, requests } = ScriptedClient.make([{}])
    const error = yield* Effect.flip(
      Effect.provide(Cos.putBucketVersioning({ status: "Enabled", unknownElements: unknownElements as never }), layer)
    )
    expect(error).toMatchObject({ _tag: "InvalidInput", field: "unknownElements" })
    expect(requests).toEqual([])
  })
)
