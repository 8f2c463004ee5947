/** All defects that the tests must find. */

import { guards } from "./dataLossMutants.js"
import { emulator } from "./emulatorMutants.js"
import type { Mutant } from "./mutant.js"
import { sdk } from "./sdkMutants.js"

export const mutants: ReadonlyArray<Mutant> = [...emulator, ...guards, ...sdk]
