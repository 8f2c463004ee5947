/** `InvalidInput` whose reason is a sentence about one field. */
import { InvalidInput } from "../../CosError.js"

/** `rule` follows the name of the field: `must be given once`. */
export const invalidInput = (operation: string, field: string, rule: string): InvalidInput =>
  new InvalidInput({ operation, field, reason: `${field} ${rule}` })
