/**
 * The doc comments of the emitted declarations. The compiler writes out the type of every operation, and drops the comments
 * of fields that come from another file by a spread: they are put back here, where they are missing.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import { docsOf, groups } from "../api/source.js"
import { type Syntax, statements } from "../api/syntax.js"

interface Field {
  readonly start: number
  readonly path: ReadonlyArray<string>
  readonly hasDoc: boolean
}

/** The fields of a type, through lists, unions and `Param<A, …>`. */
const fieldsOf = (type: Syntax | undefined, above: ReadonlyArray<string>): ReadonlyArray<Field> => {
  switch (type?.type) {
    case "TSTypeLiteral":
      return type.members.flatMap((member: Syntax) => {
        const name = member.key?.name ?? member.key?.value
        if (member.type !== "TSPropertySignature" || name === undefined) return []
        const path = [...above, name]
        const hasDoc = member.leadingComments?.some(({ value }) => value.startsWith("*")) === true
        return [{ start: member.start, path, hasDoc }, ...fieldsOf(member.typeAnnotation?.typeAnnotation, path)]
      })
    case "TSTypeOperator":
    case "TSParenthesizedType":
      return fieldsOf(type.typeAnnotation, above)
    case "TSArrayType":
      return fieldsOf(type.elementType, above)
    case "TSUnionType":
      return type.types.flatMap((member: Syntax) => fieldsOf(member, above))
    case "TSTypeReference":
      return type.typeName.right?.name === "Param" ? fieldsOf(argumentsOf(type)[0], above) : []
    default:
      return []
  }
}

const argumentsOf = (type: Syntax): ReadonlyArray<Syntax> => (type.typeParameters ?? type.typeArguments)?.params ?? []

/** What an operation takes and answers with: the arguments of `Operation<InputOf<Target, Params>, Success, Error>`. */
const fieldsOfOperation = (type: Syntax): ReadonlyArray<Field> => {
  const [input, success] = argumentsOf(type)
  return input?.typeName?.right?.name === "InputOf"
    ? [...fieldsOf(argumentsOf(input)[1], ["params"]), ...fieldsOf(success, ["success"])]
    : []
}

interface Undocumented {
  readonly start: number
  readonly field: string
  readonly doc: string
}

const undocumented = (file: string, group: string): ReadonlyArray<Undocumented> =>
  statements(file).flatMap(({ declaration }) =>
    declaration?.type !== "VariableDeclaration"
      ? []
      : declaration.declarations.flatMap(
          ({ id }: Syntax): ReadonlyArray<Undocumented> =>
            fieldsOfOperation(id.typeAnnotation?.typeAnnotation ?? {}).flatMap(({ hasDoc, path, start }) => {
              const doc = hasDoc ? undefined : docsOf(group, id.name, ...path)
              return doc === undefined ? [] : [{ start, field: [id.name, ...path].join("."), doc }]
            })
        )
  )

const fileOf = (dist: string, group: string): string => `${dist}/operations/${group}.d.ts`

/** Puts the comments where they are missing, on the line of the field, so that the lines of the maps stay right. */
export const addDocs = (dist: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    for (const group of groups) {
      const file = fileOf(dist, group)
      let text = yield* fs.readFileString(file)
      for (const { doc, start } of undocumented(file, group).toSorted((a, b) => b.start - a.start)) {
        text = `${text.slice(0, start)}/** ${doc.replace(/\s*\n\s*/g, " ")} */ ${text.slice(start)}`
      }
      yield* fs.writeFileString(file, text)
    }
  })

/** The fields whose comments are in the sources and not in the declarations. */
export const lostDocs = (dist: string): ReadonlyArray<string> =>
  groups.flatMap((group) => undocumented(fileOf(dist, group), group).map(({ field }) => field))
