import { type Mutant, mutantsOf } from "./mutant.js"

const mutant = mutantsOf("packages/emulator/src/internal", [
  ...["Emulator", "access", "buckets", "multipart", "objects", "signature", "sts"].map(
    (name) => `packages/emulator/test/${name}.test.ts`
  ),
  "test/operations/roundtrip.test.ts"
])

/** What the emulator checks, answers, keeps and lists. */
export const emulator: ReadonlyArray<Mutant> = [
  // who may
  mutant(
    "signatures are ignored",
    "access/authenticate.ts",
    "    yield* verify(fields,",
    "    if (now < 0) yield* verify(fields,"
  ),
  mutant("signatures never expire", "access/signature.ts", "now > Number(match[2])", "false"),
  mutant("signatures of the future are taken", "access/signature.ts", "start > now + maxSkew", "false"),
  mutant("the method is not signed", "access/signature.ts", "    request.method.toLowerCase(),", '    "get",'),
  mutant("tokens are ignored", "access/authenticate.ts", "(given || undefined) === token", "given !== null"),
  mutant("temporary keys live for ever", "access/authenticate.ts", "now >= credential.expiresAt.getTime()", "now < 0"),
  mutant(
    "a key may do anything",
    "access/accessKeyPermissions.ts",
    "  (permissions === undefined ||",
    "  (permissions !== null ||"
  ),
  mutant(
    "policies of sessions are ignored",
    "access/accessKeyPermissions.ts",
    "  policies.every((policy) => policyAllows(policy, request))",
    "  policies.length >= 0"
  ),
  mutant("deny is allow", "access/accessKeyPermissions.ts", 'effect === "allow")', "effect.length > 0)"),
  mutant(
    "conditions of policies are ignored",
    "access/accessKeyPermissions.ts",
    "      conditionHolds(condition, request.facts)",
    "      request.facts !== undefined"
  ),
  mutant(
    "signatures of STS are ignored",
    "sts/stsRequest.ts",
    "    yield* verify(Redacted",
    "    if (now < 0) yield* verify(Redacted"
  ),
  mutant("temporary keys last as long as one likes", "sts/sts.ts", "Number(text) > limits.most", "Number(text) < 0"),
  mutant(
    "permissions ignore the prefix",
    "access/accessKeyPermissions.ts",
    "key.startsWith(permission.prefix)",
    "key !== null"
  ),
  mutant("ACLs allow everybody", "access/acl.ts", '  right === "NONE" ||', '  right !== "OWNER" ||'),
  mutant(
    "an object's own ACL is ignored",
    "access/acl.ts",
    "object?.acl === undefined || object.acl",
    "object === object || object?.acl"
  ),
  // what is answered
  mutant(
    "the ETag is constant",
    "operations/replies.ts",
    "  etag: quoteETag(object.etag),",
    '  etag: quoteETag("0".repeat(32)),'
  ),
  mutant(
    "the CRC64 is off by one",
    "operations/replies.ts",
    "object.crc64.toString()",
    "(object.crc64 ^ 1n).toString()"
  ),
  mutant(
    "the content type is dropped",
    "operations/parameters.ts",
    "contentHeaders.includes(name)",
    'name !== "content-type" && contentHeaders.includes(name)'
  ),
  mutant("metadata is dropped", "operations/parameters.ts", "    stored[name] = value\n  }", "  }"),
  mutant(
    "the storage class is not told",
    "operations/replies.ts",
    'object.storageClass === "STANDARD"',
    "object.size >= 0"
  ),
  mutant("tags are not counted", "operations/replies.ts", "object.tags.length === 0", "object.size >= 0"),
  mutant("a range lacks its last byte", "http/conditions.ts", "Number(last) + 1", "Number(last)"),
  mutant("a suffix range is one too long", "http/conditions.ts", "size - Number(last))", "size - Number(last) - 1)"),
  mutant("a range is answered with 200", "operations/object.ts", "range === undefined ? 200 : 206", "200"),
  mutant(
    "If-Match is ignored",
    "http/conditions.ts",
    'if (!listsETag(conditions.ifMatch, etag)) return "failed"',
    "void 0"
  ),
  mutant(
    "If-None-Match is ignored",
    "http/conditions.ts",
    'if (listsETag(conditions.ifNoneMatch, etag)) return "not modified"',
    "void 0"
  ),
  mutant("If-Modified-Since is off by one", "http/conditions.ts", "modified <= since", "modified < since"),
  // what is checked
  mutant("Content-MD5 is unchecked", "operations/object.ts", "md5 !== undefined && md5 !== staged.md5", 'md5 === ""'),
  mutant(
    "forbid-overwrite is ignored",
    "operations/object.ts",
    'call.header("x-cos-forbid-overwrite") === "true"',
    "call.now < 0"
  ),
  mutant(
    "unknown parameters are ignored",
    "operations/registry.ts",
    "if (settings.strict && misspelt.length > 0)",
    "if (settings.strict && misspelt.length < 0)"
  ),
  mutant(
    "unknown headers are ignored",
    "operations/parameters.ts",
    'name.startsWith("x-cos-") && !knownHeaders.test(name)',
    'name.startsWith("x-cos--") && !knownHeaders.test(name)'
  ),
  mutant(
    "keys may be of any length",
    "operations/parameters.ts",
    "Buffer.byteLength(key) > maxKeyBytes",
    "key === null"
  ),
  mutant(
    "unknown elements are ignored",
    "xml/shape.ts",
    "return strict && first !== undefined",
    "return strict && first === null"
  ),
  mutant(
    "customer keys are ignored",
    "operations/parameters.ts",
    "if (stored === given) return",
    "if (stored !== null) return"
  ),
  mutant(
    "archives can be read",
    "operations/object.ts",
    "  archiveOf(object, now) !== undefined &&",
    "  object.size < 0 &&"
  ),
  mutant("regions are all one", "handler/runOperation.ts", "target.region !== bucket.region", 'target.region === ""'),
  mutant(
    "an upload is not slowed down",
    "operations/object.ts",
    "limit !== undefined ? throttle(limit)(bounded)",
    "limit === null ? throttle(limit)(bounded)"
  ),
  // what is kept
  mutant(
    "a delete keeps",
    "storage/engine/objects.ts",
    "if (gone !== undefined && !marks) tx.remove",
    'if (gone !== undefined && key === "") tx.remove'
  ),
  mutant(
    "a Complete drops its last part",
    "operations/multipart.ts",
    "segments: chosen.flatMap(",
    "segments: chosen.slice(0, -1).flatMap("
  ),
  mutant(
    "a Complete takes any order",
    "operations/multipart.ts",
    "before !== undefined && partNumber <= before",
    "partNumber < 0"
  ),
  mutant(
    "a Complete ignores ETags",
    "operations/multipart.ts",
    "part === undefined || part.etag !== etag",
    "part === undefined"
  ),
  mutant("small parts are taken", "operations/multipart.ts", "part.size < minPartSize", "part.size < 0"),
  mutant(
    "the ETag of parts is over text",
    "operations/multipart.ts",
    'hash.update(part.etag, "hex")',
    "hash.update(part.etag)"
  ),
  mutant(
    "an abort keeps",
    "operations/multipart.ts",
    "Effect.as(call.storage.abortUpload(call.bucket.name, call.key, uploadId), reply(204))",
    "Effect.succeed(reply(204))"
  ),
  mutant(
    "a copy drops metadata",
    "operations/copy.ts",
    "headers: { ...metadata, ...encryption }",
    "headers: { ...encryption }"
  ),
  mutant("a part's copy ignores its range", "operations/copy.ts", "read(start, end)", "read(0, object.size)"),
  mutant("conditions of a copy are ignored", "operations/copy.ts", '!== "proceed"', '=== "never"'),
  mutant(
    "old versions are lost",
    "storage/engine/objects.ts",
    'const enabled = bucket.versioning === "Enabled"',
    "const enabled = bucket.name === undefined"
  ),
  // what is listed
  mutant(
    "lists are in the wrong order",
    "operations/bucket.ts",
    "const items = page.items.filter(",
    "const items = page.items.toReversed().filter("
  ),
  mutant(
    "the marker is inclusive",
    "storage/records/listing.ts",
    "          : base + marker + Keys.afterIds",
    "          : base + marker"
  ),
  mutant("prefixes are ignored", "storage/records/listing.ts", "const begin = base + prefix", "const begin = base"),
  mutant(
    "common prefixes come again",
    "storage/records/listing.ts",
    "return Keys.after(base + group)",
    "return base + group"
  ),
  mutant("lists end too early", "storage/records/listing.ts", "        truncated = true\n", "")
]
