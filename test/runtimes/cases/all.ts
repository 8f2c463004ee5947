import type { Case } from "../model.js"
import { downloads } from "./downloads.js"
import { emulator } from "./emulator.js"
import { errors } from "./errors.js"
import { interruption } from "./interruption.js"
import { operations } from "./operations.js"
import { resume } from "./resume.js"
import { sync } from "./sync.js"
import { uploads } from "./uploads.js"

export const all: ReadonlyArray<Case> = [
  ...operations,
  ...uploads,
  ...downloads,
  ...resume,
  ...sync,
  ...errors,
  ...interruption,
  ...emulator
]
