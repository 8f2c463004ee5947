/**
 * Puts the state of an emulator together: its storage, its settings, and what it has at the start.
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { Credential } from "../../Access.js"
import { type BucketOptions, EmulatorError } from "../../Control.js"
import type { Options } from "../../Options.js"
import { FaultRules } from "../faults/rules.js"
import { type EmulatorState, now } from "../handler/emulatorState.js"
import { failure } from "../http/failure.js"
import { compileDomain, isTemplate } from "../http/target.js"
import { JournalStore } from "../journal/journal.js"
import { checkBucketName, maxBody } from "../operations/parameters.js"
import * as Disk from "../storage/disk/directoryStorage.js"
import * as Memory from "../storage/memory.js"
import type { Storage } from "../storage/Storage.js"
import { toEmulatorError } from "./emulatorError.js"

export const defaultCredential: Credential = {
  secretId: "AKIDEMULATOR0000000000000000000000",
  secretKey: Redacted.make("EMULATORKEY000000000000000000000")
}

/** The state, and how to restore its initial content. */
export interface StartedState extends EmulatorState {
  readonly start: Effect.Effect<void, EmulatorError>
}

export const createBucket = (
  state: EmulatorState,
  name: string,
  options: BucketOptions
): Effect.Effect<void, EmulatorError> =>
  Effect.gen(function* () {
    yield* checkBucketName(name, state.settings)
    const { region = state.settings.region } = options
    // No host name could contain such a region.
    if (!/^[a-z0-9-]+$/.test(region)) return yield* failure("InvalidRegionName")
    yield* state.storage.createBucket({
      name,
      region,
      owner: state.settings.owner,
      createdAt: yield* now(state),
      acl: { canned: options.acl ?? "private", grants: [] },
      ...(options.versioning === undefined ? {} : { versioning: options.versioning })
    })
  }).pipe(Effect.mapError(toEmulatorError))

/** Makes the state of an emulator and creates its buckets, unless the directory has them already. */
export const makeState = (
  options: Options,
  listening?: EmulatorState["listening"]
): Effect.Effect<StartedState, EmulatorError, Scope.Scope> =>
  Effect.gen(function* () {
    const { dir, domain, durable = false } = options
    if (domain !== undefined && !isTemplate(domain)) {
      return yield* new EmulatorError({
        code: "InvalidArgument",
        message: `${domain} is no template of a host, such as {bucket}.cos.test: without a port, and with {bucket}.`
      })
    }
    const storage: Storage.Service =
      dir === undefined
        ? yield* Memory.make
        : yield* Effect.mapError(Disk.make({ directory: dir, durable }), toEmulatorError)
    const state: EmulatorState = {
      settings: {
        region: options.region ?? "ap-guangzhou",
        owner: options.owner ?? "100000000001",
        appId: options.appId ?? "1250000000",
        minPartSize: options.minPartSize ?? 1024 * 1024,
        maxBodySize: options.maxBodySize ?? maxBody,
        strict: options.strict ?? false
      },
      storage,
      journal: new JournalStore(options.maxJournalBytes),
      faults: new FaultRules(),
      credentials: new Map(),
      sessions: new Map(),
      roles: options.roles,
      matchDomain: domain === undefined ? () => undefined : compileDomain(domain),
      listening,
      clockOffset: 0
    }
    const start = Effect.gen(function* () {
      state.credentials.clear()
      state.sessions.clear()
      for (const credential of [defaultCredential, ...(options.credentials ?? [])]) {
        state.credentials.set(credential.secretId, credential)
      }
      state.journal.clear()
      state.faults.clear()
      state.clockOffset = 0
      const buckets = (options.buckets ?? []).map((bucket) => (typeof bucket === "string" ? { name: bucket } : bucket))
      yield* Effect.forEach(
        buckets,
        ({ name, ...bucket }) =>
          createBucket(state, name, bucket).pipe(
            Effect.catchIf(
              (error) => error.code === "BucketAlreadyOwnedByYou",
              () => Effect.void
            )
          ),
        { discard: true }
      )
    })
    yield* start
    return Object.assign(state, { start })
  })
