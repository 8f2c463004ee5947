/** What the Schemas of lines are made of. */
import * as Schema from "effect/Schema"

export const line = <const Type extends string, Fields extends Schema.Struct.Fields>(type: Type, fields: Fields) =>
  Schema.Struct({ v: Schema.Literal(1), type: Schema.Literal(type), ...fields }).annotations({
    identifier: `${type.replace(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase())}Line`
  })

export const text = (description: string) => Schema.String.annotations({ description })
export const integer = (description: string) => Schema.Int.pipe(Schema.nonNegative()).annotations({ description })
export const time = (description: string) =>
  Schema.String.annotations({ description: `${description}; ISO 8601 in UTC` })
export const flag = (description: string) => Schema.Boolean.annotations({ description })
