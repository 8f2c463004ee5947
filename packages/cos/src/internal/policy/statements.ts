/** The statements that operations on a target come to. */
import * as Either from "effect/Either"
import type { InvalidInput } from "../../CosError.js"
import type { Permissions } from "../../Operation.js"
import type { Action, Condition, Objects, Statement, Target } from "../../Policy.js"
import { invalidInput } from "../encoding/invalidInput.js"
import { encode } from "../encoding/percent.js"
import { mergeConditions } from "./document.js"

const refuse = (field: string, rule: string) => Either.left(invalidInput("Policy", field, rule))

/** The resources of a target, by what an action is done to. */
interface Resources {
  readonly objects: ReadonlyArray<string>
  /** The API pages print either for the bucket itself. */
  readonly bucket: ReadonlyArray<string>
  /** What the `prefix` of a listing must be; `undefined`: it may be any. */
  readonly listing: Condition | undefined
}

/** A `*` in a key would stand for any text, and there is no other spelling for it. */
const isLiteral = (text: unknown): boolean =>
  typeof text === "string" && !text.includes("*") && !/\p{Surrogate}/u.test(text)

/** Prefixes are seen percent-encoded in policies, and as they are. */
const spellings = (prefix: string, rest = ""): ReadonlyArray<string> => [
  ...new Set([`${prefix}${rest}`, `${encode(prefix)}${rest}`])
]

const resourcesOf = (
  { bucket, keys, prefix, region = "*" }: Objects,
  at = ""
): Either.Either<Resources, InvalidInput> => {
  const appId = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?-(\d+)$/.exec(String(bucket))?.[1]
  if (appId === undefined)
    return refuse(`${at}bucket`, "must be a bucket with its APPID, such as examplebucket-1250000000")
  if (!/^(?:\*|[a-z0-9-]+)$/.test(String(region)))
    return refuse(`${at}region`, "must be a region, such as ap-guangzhou")
  if (keys !== undefined && prefix !== undefined) return refuse(`${at}keys`, "must not be given beside prefix")
  if (keys !== undefined && keys.length === 0) return refuse(`${at}keys`, "must name something")
  for (const [index, key] of (keys ?? []).entries()) {
    if (key === "" || !isLiteral(key)) return refuse(`${at}keys[${index}]`, "must be a key without *")
  }
  if (prefix !== undefined && !isLiteral(prefix)) return refuse(`${at}prefix`, "must be text without *")
  const resource = (path: string) => `qcs::cos:${region}:uid/${appId}:${bucket}/${path}`
  const listing: Condition | undefined =
    keys !== undefined
      ? { string_equal: { "cos:prefix": keys.flatMap((key) => spellings(key)) } }
      : prefix === undefined || prefix === ""
        ? undefined
        : { string_like: { "cos:prefix": spellings(prefix, "*") } }
  return Either.right({
    objects: keys === undefined ? [resource(`${prefix ?? ""}*`)] : keys.map(resource),
    bucket: [resource(""), resource("*")],
    listing
  })
}

const permissionsOf = (action: Action): Permissions & { readonly isListing: boolean } =>
  typeof action === "string"
    ? { actions: [action.replace(/^name\/cos:/, "")], on: "object", source: [], isListing: false }
    : {
        ...action.spec.permissions,
        isListing: action.spec.permissions.on === "bucket" && action.spec.params.prefix !== undefined
      }

const named = (actions: Iterable<string>): ReadonlyArray<string> =>
  Array.from(new Set(actions), (action) => (action.startsWith("name/") ? action : `name/cos:${action}`))

export const statementsOf = (
  effect: Statement["effect"],
  given: ReadonlyArray<Action>,
  target: Target | "*"
): Either.Either<ReadonlyArray<Statement>, InvalidInput> =>
  Either.gen(function* () {
    if (given.length === 0) return yield* refuse("operations", "must name something")
    const wrong = given.findIndex((action) =>
      typeof action === "string" ? !/^name\/[a-z0-9]+:[\w*]+$/.test(action) : action?.spec?.permissions === undefined
    )
    if (wrong >= 0) {
      return yield* refuse(`operations[${wrong}]`, "must be an operation, or an action such as name/cos:PostObject")
    }
    const permissions = given.map(permissionsOf)
    const statement = (
      selected: ReadonlyArray<string>,
      resource: ReadonlyArray<string>,
      condition?: Condition
    ): ReadonlyArray<Statement> =>
      selected.length === 0
        ? []
        : [{ effect, action: named(selected), resource, ...(condition === undefined ? undefined : { condition }) }]
    const actionsWhere = (select: (one: (typeof permissions)[number]) => boolean): ReadonlyArray<string> =>
      permissions.filter(select).flatMap(({ actions }) => actions)
    // Who must not copy may still read.
    const sources = effect === "deny" ? [] : permissions.flatMap(({ source }) => source)
    if (target === "*") return statement([...actionsWhere(() => true), ...sources], ["*"])

    const { condition, source } = target
    const resources = yield* resourcesOf(target)
    const { listing } = resources
    const ofListing = yield* mergeConditions(listing, condition)
    const from = source === undefined ? undefined : yield* resourcesOf(source, "source.")
    // A listing is what its prefix names. Where the service knows it as the bucket, the condition says which prefix.
    const listings = listing === undefined ? [] : actionsWhere(({ isListing }) => isListing)
    const objects = actionsWhere(({ on }) => on === "object")
    return [
      ...statement([...objects, ...listings, ...(from === undefined ? sources : [])], resources.objects, condition),
      ...statement(listings, resources.bucket.slice(0, 1), ofListing),
      ...statement(
        actionsWhere(({ isListing, on }) => on === "bucket" && (listing === undefined || !isListing)),
        resources.bucket,
        condition
      ),
      ...statement(from === undefined ? [] : sources, from?.objects ?? [], condition),
      // What belongs to no bucket is allowed on everything or not at all.
      ...statement(
        actionsWhere(({ on }) => on === "service" || on === "control"),
        ["*"],
        condition
      )
    ]
  })
