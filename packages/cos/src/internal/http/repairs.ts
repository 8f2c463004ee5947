/** What one more attempt, made at once, can put right. Each repair is made at most once in a call, whatever the policy. */
import * as Effect from "effect/Effect"
import * as CosError from "../../CosError.js"
import type { Call } from "./call.js"
import type { ClientState } from "./clientState.js"

interface Repair {
  readonly name: string
  /** Whether this is what went wrong. */
  readonly when: (error: unknown, call: Call, client: ClientState) => boolean
  /** Puts it right. Whether another attempt may succeed now. */
  readonly apply: (error: unknown, call: Call, client: ClientState) => Effect.Effect<boolean>
}

const done = Effect.succeed(true)

/** Renews the access key. Not made once the last key has been taken because there is no newer one. */
export const renewAccessKey = "access key"

const repairs: ReadonlyArray<Repair> = [
  {
    name: "clock",
    when: (error, { accessKey, clock, clockOffset }, { correctClockSkew }) =>
      // Without a signature there is nothing to correct, and whoever responds may be anybody.
      accessKey !== undefined &&
      correctClockSkew &&
      CosError.isClockSkew(error, clock.unsafeCurrentTimeMillis() + clockOffset),
    apply: (error, { clock, clockOffset }, { clockSkew }) =>
      Effect.succeed(
        clockSkew.learn((error as CosError.AccessDenied).serverTime, clock.unsafeCurrentTimeMillis(), clockOffset)
      )
  },
  {
    name: renewAccessKey,
    when: (error, { accessKey }) =>
      accessKey !== undefined &&
      error instanceof CosError.AuthenticationFailed &&
      (error.code === "ExpiredToken" || error.code === "InvalidAccessKeyId"),
    apply: (_, { accessKey }, { credentials }) =>
      accessKey === undefined ? done : Effect.as(credentials.invalidate(accessKey), true)
  },
  {
    name: "stale connection",
    when: (error, { request }) =>
      request.idempotent && error instanceof CosError.TransportError && error.staleConnection === true,
    apply: (_, call) => {
      call.lostResponse = true
      return done
    }
  },
  {
    name: "redirect",
    // COS does not redirect; something between may, when it has no route to the standard domain.
    when: (error, { backup }) =>
      backup !== undefined &&
      error instanceof CosError.CosServiceError &&
      (error.status === 301 || error.status === 302 || error.status === 307) &&
      error.requestId === undefined,
    apply: (_, call) => {
      call.target = call.backup ?? call.target
      return done
    }
  }
]

/** Whether another attempt may succeed at once. */
export const repair = (error: unknown, call: Call, client: ClientState): Effect.Effect<boolean> => {
  const found = repairs.find(({ name, when }) => !call.repaired.includes(name) && when(error, call, client))
  if (found === undefined) return Effect.succeed(false)
  call.repaired = [...call.repaired, found.name]
  return found.apply(error, call, client)
}
