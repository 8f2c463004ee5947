/** Whether requests remove what a transfer left: where there are no keys any more, they are signed with the last ones. */
import * as Context from "effect/Context"

export class AllowStaleCredentials extends Context.Reference<AllowStaleCredentials>()(
  "effect-cos/internal/CleaningUp",
  {
    defaultValue: (): boolean => false
  }
) {}
