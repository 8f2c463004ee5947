/** Which bucket and region are meant where an input names none. */
import * as Context from "effect/Context"

export class CurrentBucket extends Context.Reference<CurrentBucket>()("effect-cos/CosClient/CurrentBucket", {
  defaultValue: (): { readonly bucket?: string | undefined; readonly region?: string | undefined } => ({})
}) {}
