/**
 * The control service of an emulator, over its state.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { type Control, EmulatorError, type Snapshot } from "../../Control.js"
import * as Fault from "../../Fault.js"
import { type EmulatorState, now, setClock } from "../handler/emulatorState.js"
import { correctSpelling } from "../operations/registry.js"
import { stsOperations } from "../sts/sts.js"
import { makeBuckets, makeContent } from "./content.js"
import { toEmulatorError } from "./emulatorError.js"
import { defaultCredential, type StartedState } from "./startedState.js"

const makeCredentials = ({
  credentials,
  sessions
}: EmulatorState): Pick<Control, "credentials" | "addCredentials" | "removeCredentials" | "sessions"> => ({
  credentials: defaultCredential,
  sessions: Effect.sync(() => Array.from(sessions.values())),
  addCredentials: (credential) =>
    Effect.sync(() => {
      credentials.set(credential.secretId, credential)
    }),
  removeCredentials: (secretId) =>
    Effect.sync(() => {
      credentials.delete(secretId)
      sessions.delete(secretId)
    })
})

/** A fault for an operation that does not exist would never act. */
const checkOperationName = (name: string | undefined): Effect.Effect<void> => {
  const found =
    name === undefined ? undefined : (correctSpelling(name) ?? Object.values(stsOperations).find((sts) => sts === name))
  if (found === name) return Effect.void
  const hint = found === undefined ? "" : ` Is it ${found}?`
  return Effect.die(new EmulatorError({ code: "InvalidArgument", message: `There is no operation ${name}.${hint}` }))
}

/**
 * A response with another status or other fields would fail at the socket, and no fault would be seen; nor would it of a request
 * before the first.
 */
const checkFault = (spec: Fault.FaultSpec): Effect.Effect<void> =>
  Schema.validateEither(Fault.FaultSpec)(spec).pipe(
    Either.mapLeft(
      (error) =>
        new EmulatorError({ code: "InvalidArgument", message: ParseResult.TreeFormatter.formatErrorSync(error) })
    ),
    Effect.orDie,
    Effect.asVoid
  )

const neverActed = (spec: Fault.FaultSpec, matched: number): string => {
  const why =
    matched === 0 ? "because no request matched" : `though ${matched} ${matched === 1 ? "request" : "requests"} matched`
  return `A fault never acted, ${why}: ${JSON.stringify(spec)}`
}

const makeFaults = ({
  faults
}: EmulatorState): Pick<Control, "fault" | "scopedFault" | "faults" | "removeFault" | "clearFaults"> => {
  const fault: Control["fault"] = (spec) =>
    Effect.map(Effect.zipRight(checkOperationName(spec.on?.operation), checkFault(spec)), () => {
      const rule = faults.add(spec)
      return {
        id: rule.id,
        fired: Effect.sync(() => rule.fired),
        matched: Effect.sync(() => rule.matched),
        remove: Effect.sync(() => faults.remove(rule.id))
      }
    })
  return {
    fault,
    scopedFault: (spec) =>
      Effect.acquireRelease(fault(spec), ({ fired, matched, remove }, exit) =>
        Effect.gen(function* () {
          yield* remove
          if (Exit.isFailure(exit) || (yield* fired) > 0) return
          yield* Effect.dieMessage(neverActed(spec, yield* matched))
        })
      ),
    faults: Effect.sync(() =>
      faults.list().map(({ fault, fired, id, matched, on }) => ({ id, fired, matched, on, do: fault }))
    ),
    removeFault: (id) => Effect.sync(() => faults.remove(id)),
    clearFaults: Effect.sync(() => faults.clear())
  }
}

const makeClock = (state: EmulatorState): Control["clock"] => ({
  now: Effect.map(now(state), (time) => new Date(time)),
  adjust: (duration) => setClock(state, (time) => time + Duration.toMillis(duration)),
  set: (date) => setClock(state, () => date.getTime())
})

const noSuchSnapshot = Effect.fail(
  new EmulatorError({ code: "NoSuchSnapshot", message: "The snapshot was removed, or is one of another emulator." })
)

const makeSnapshots = ({
  start,
  storage
}: StartedState): Pick<Control, "reset" | "snapshot" | "restore" | "removeSnapshot"> => {
  const snapshots = new Set<Snapshot>()
  const removeSnapshot = (snapshot: Snapshot): Effect.Effect<void> =>
    Effect.suspend(() => {
      snapshots.delete(snapshot)
      return storage.removeSnapshot(snapshot)
    })
  return {
    reset: Effect.gen(function* () {
      yield* Effect.forEach(snapshots, removeSnapshot, { discard: true })
      yield* Effect.mapError(storage.reset, toEmulatorError)
      yield* start
    }),
    snapshot: storage.snapshot.pipe(
      Effect.tap((snapshot) => Effect.sync(() => snapshots.add(snapshot))),
      Effect.mapError(toEmulatorError)
    ),
    restore: (snapshot) =>
      Effect.suspend(() =>
        snapshots.has(snapshot) ? Effect.mapError(storage.restore(snapshot), toEmulatorError) : noSuchSnapshot
      ),
    removeSnapshot
  }
}

/** How clients reach the emulator. */
export type Endpoints = Pick<Control, "address" | "endpoint" | "tls" | "controlEndpoint" | "controlToken">

/** Makes the control service. */
export const makeControl = (state: StartedState, endpoints: Endpoints): Control => ({
  region: state.settings.region,
  appId: state.settings.appId,
  owner: state.settings.owner,
  ...endpoints,
  ...makeCredentials(state),
  ...makeBuckets(state),
  ...makeContent(state),
  ...makeFaults(state),
  journal: Effect.sync(() => state.journal.entries()),
  clearJournal: Effect.sync(() => state.journal.clear()),
  clock: makeClock(state),
  ...makeSnapshots(state)
})
