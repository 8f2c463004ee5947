/**
 * What a key may do: by its permissions, and by the policies of its session.
 */
import type { Credential, Permission, Policy } from "../../Access.js"
import { conditionHolds } from "./policyConditions.js"
import type { Facts } from "./requestFacts.js"
import { listOf, segmentsOf } from "./sessionPolicy.js"
import { matchesWildcard } from "./wildcard.js"

/** What a request asks for. */
export interface AccessRequest {
  readonly action: string
  /** Further names of the action, by which policies may allow and deny it. Permissions, which are ours, name one only. */
  readonly alsoKnownAs: ReadonlyArray<string>
  readonly bucket: string | undefined
  /** The object's key, or a listing's prefix. */
  readonly key: string
  readonly on: "service" | "bucket" | "object"
  readonly region: string
  readonly appId: string
  readonly facts: Facts
}

const actionMatches = (pattern: string, action: string): boolean =>
  matchesWildcard(pattern.replace(/^name\/cos:/, "").replace(/^cos:/, ""), action)

const permissionAllows = (permission: Permission, { action, bucket, key }: AccessRequest): boolean =>
  permission.actions.some((pattern) => actionMatches(pattern, action)) &&
  (permission.bucket === undefined || permission.bucket === bucket) &&
  (permission.prefix === undefined || key.startsWith(permission.prefix))

/** The spelling `prefix//<appid>/<bucket without it>/<key>` of old policies, as it is today. */
const withoutOldSpelling = (path: string): string =>
  path.replace(/^prefix\/\/(\d+)\/([^/]+)\//, (_, appId: string, name: string) => `${name}-${appId}/`)

const resourceMatches = (resource: string, { appId, bucket, key, on, region }: AccessRequest): boolean => {
  if (resource === "*") return true
  const segments = segmentsOf(resource)
  if (segments === undefined || !matchesWildcard(segments.product, "cos")) return false
  const { account, path } = segments
  if (account !== "" && !matchesWildcard(account, `uid/${appId}`)) return false
  // What belongs to no bucket is allowed by the whole resource only.
  if (on === "service") return path === "*"
  if (segments.region !== "" && !matchesWildcard(segments.region, region)) return false
  // Of the bucket itself `<bucket>/` and `<bucket>/*` are both in use; a listing is also what its prefix names.
  const names = on === "object" ? [`${bucket}/${key}`] : [`${bucket}/`, `${bucket}/${key}`]
  return names.some((name) => matchesWildcard(withoutOldSpelling(path), name))
}

/** What no statement allows is refused; what one denies is refused in any case. */
const policyAllows = ({ statement }: Policy, request: AccessRequest): boolean => {
  const names = [request.action, ...request.alsoKnownAs]
  const applying = statement.filter(
    ({ action, condition, resource }) =>
      listOf(action).some((pattern) => names.some((name) => actionMatches(pattern, name))) &&
      listOf(resource).some((text) => resourceMatches(text, request)) &&
      conditionHolds(condition, request.facts)
  )
  return applying.length > 0 && applying.every(({ effect }) => effect === "allow")
}

/** Whether a key may do what a request asks for. */
export const credentialAllows = ({ permissions, policies = [] }: Credential, request: AccessRequest): boolean =>
  (permissions === undefined || permissions.some((permission) => permissionAllows(permission, request))) &&
  policies.every((policy) => policyAllows(policy, request))
