/** All defects that the tests must find. */
import { emulator } from "./emulator.js"
import { guards } from "./guards.js"
import type { Mutant } from "./mutant.js"

export const mutants: ReadonlyArray<Mutant> = [...emulator, ...guards]
