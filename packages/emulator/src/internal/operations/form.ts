/**
 * Uploads by HTML forms.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as FormPolicy from "../access/formPolicy.js"
import * as Form from "../http/form.js"
import { utf8Value } from "../http/headerText.js"
import { notDoneHeader, type Reply, reply } from "../http/message.js"
import { notDone } from "./notDone.js"
import { attributesOf, stageBody, storeObject } from "./object.js"
import type { ObjectCall, Operation } from "./operation.js"
import { checkCallback, checkHeaders, encodeKey, invalidArgument } from "./parameters.js"

const postPermission = { action: "PostObject", on: "object", aclPermission: "WRITE" } as const

/** Fields that concern the form itself. */
const formFields = new Set(["key", "bucket", "policy", "success_action_redirect", "success_action_status"])

/** Fields whose names differ from those of the headers that they correspond to. */
const headerOf = new Map([
  ["acl", "x-cos-acl"],
  ["callback", "x-cos-callback"],
  ["callback-var", "x-cos-callback-var"]
])

/** Fields that correspond to headers of a PUT. */
const headersOf = (fields: ReadonlyMap<string, string>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Array.from(fields)
      .filter(([name]) => !formFields.has(name) && !name.startsWith("q-"))
      .map(([name, value]): [string, string] => [headerOf.get(name) ?? name, utf8Value(value)])
  )

/** The reply to a success, as the form asks for it. */
const formReply = (
  call: ObjectCall,
  fields: ReadonlyMap<string, string>,
  headers: Readonly<Record<string, string>> & { readonly etag: string }
): Reply => {
  const { bucket, key } = call
  const location = `http://${bucket.name}.cos.${bucket.region}.myqcloud.com/${encodeKey(key)}`
  const redirect = fields.get("success_action_redirect")
  if (redirect !== undefined && URL.canParse(redirect)) {
    const url = new URL(redirect)
    url.searchParams.append("bucket", bucket.name)
    url.searchParams.append("key", key)
    url.searchParams.append("etag", headers.etag)
    return reply(303, { ...headers, location: url.href })
  }
  const status = fields.get("success_action_status")
  return reply(status === "200" || status === "201" ? Number(status) : 204, { ...headers, location })
}

const postObject: Operation = {
  name: "postObject",
  action: "PostObject",
  on: "bucket",
  method: "POST",
  // The signature is inside the form.
  aclPermission: "NONE",
  run: (call) =>
    Effect.gen(function* () {
      const body = call.bufferedBody === undefined ? call.body : Stream.fromEffect(call.bufferedBody)
      const { fields, file } = yield* Form.read(body, call.header("content-type") ?? "")
      const key = (fields.get("key") ?? "").replace(/\$\{filename\}/g, () => file.name)
      if (key === "") return yield* invalidArgument("The form has no key.")
      const redirect = fields.get("success_action_redirect")
      if (redirect !== undefined && !URL.canParse(redirect))
        return yield* invalidArgument("success_action_redirect is no URL.")
      const authorize = yield* call.authorizeForm(fields)
      const base64 = fields.get("policy")
      const left = notDone(postObject, call.query, headersOf(fields))
      const policy = base64 === undefined ? undefined : yield* FormPolicy.parse(base64)
      if (policy !== undefined) {
        // The key with `${filename}` replaced.
        const named = new Map([...fields, ["key", key], ["bucket", call.bucket.name]] as const)
        yield* FormPolicy.check(policy, named, call.now)
      }
      yield* authorize(postPermission, call.bucket, key)
      // A form does not announce the length of its file.
      const headers: Readonly<Record<string, string>> = { ...headersOf(fields), "transfer-encoding": "chunked" }
      yield* checkHeaders(headers, call.settings)
      const upload: ObjectCall = {
        ...call,
        key,
        headers,
        header: (name) => headers[name] || undefined,
        body: file.content,
        bufferedBody: undefined,
        contentLength: undefined
      }
      const attributes = yield* attributesOf(upload)
      yield* checkCallback(upload)
      const staged = yield* stageBody(upload)
      if (policy !== undefined) yield* FormPolicy.checkSize(policy, staged.size)
      const done = formReply(upload, fields, yield* storeObject(upload, attributes, staged))
      return left.length === 0 ? done : { ...done, headers: { ...done.headers, [notDoneHeader]: left.join(", ") } }
    })
}

export const formOperations: ReadonlyArray<Operation> = [postObject]
