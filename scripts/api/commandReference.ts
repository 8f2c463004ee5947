/** What `cos api OPERATION --help` says: the reference of the operations as data, since doc comments are not there at run time. */
import type * as Operation from "effect-cos/Operation"
import { type Field, outputFields, parameters, specs } from "./facts.js"
import { groupOf, line, type Page } from "./reference.js"
import { docsOf, typeOf } from "./source.js"

/** Without the examples and links of a comment, which are for programs. */
const prose = (text: string | undefined): string =>
  (text ?? "")
    .replace(/```[\s\S]*?```/g, "")
    .replace(/\{@link (\S+?)\}/g, "$1")
    .replace(/\s*\n\s*/g, " ")
    .trim()

const fieldsOf = (group: string, name: string, side: "params" | "success", fields: ReadonlyArray<Field>) =>
  fields
    .filter(({ path, place }) => place !== "client" && !path.endsWith("unknownElements"))
    .map((field) => {
      const path = field.path.replaceAll("[]", "").split(".")
      const type = field.type === "" || field.type === "value" ? (typeOf(group, name, side, ...path) ?? "") : field.type
      return {
        name: field.path,
        type,
        doc: prose(docsOf(group, name, side, ...path)),
        ...(field.isRequired ? { required: true } : undefined)
      }
    })

const entryOf = (name: string, spec: Operation.SpecData) => {
  const group = groupOf(name)
  return {
    group,
    doc: prose(docsOf(group, name)),
    request: line(spec),
    page: spec.doc,
    permissions: spec.permissions.actions.map((action) => `name/cos:${action}`),
    fields: fieldsOf(group, name, "params", parameters(spec)),
    output: fieldsOf(group, name, "success", outputFields(spec)),
    errors: spec.errors.map((error) => (error as unknown as { readonly name: string }).name)
  }
}

export const commandReference = (): Page => ({
  path: "../../cli/src/api/reference.json",
  text: `{\n${[...specs]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, spec]) => `${JSON.stringify(name)}: ${JSON.stringify(entryOf(name, spec))}`)
    .join(",\n")}\n}\n`
})
