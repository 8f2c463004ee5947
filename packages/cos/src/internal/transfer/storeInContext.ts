/** The checkpoint store that a program provides. Apart from `checkpointStore`, which `Checkpoint` itself imports. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Checkpoint from "../../Checkpoint.js"
import { withCallLimits } from "./checkpointStore.js"

/** The checkpoint store in the context, if there is one, with a limit on every call. */
export const storeInContext: Effect.Effect<Option.Option<Checkpoint.Store.Service>> = Effect.withFiberRuntime(
  ({ currentContext }) =>
    Effect.succeed(Option.map(Context.getOption(currentContext, Checkpoint.Store), withCallLimits))
)
