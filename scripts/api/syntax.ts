/** Reads TypeScript as text: the doc comments of our declarations, and the declarations of the official SDK. */
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"

/** A node of Babel's syntax tree, as far as it is looked at. */
export interface Syntax {
  readonly type: string
  readonly leadingComments?: ReadonlyArray<{ readonly type: string; readonly value: string }> | null
  readonly [property: string]: any
}

// The compiler has no API, and Babel's own types are not installed: it is here for the build.
const babel: { readonly parseSync: (text: string, options: object) => { readonly program: Syntax } } = createRequire(
  import.meta.url
)("@babel/core")

/** The statements of a module. */
export const statements = (file: string): ReadonlyArray<Syntax> =>
  babel.parseSync(readFileSync(file, "utf8"), {
    configFile: false,
    babelrc: false,
    parserOpts: { plugins: [["typescript", { dts: file.endsWith(".d.ts") }]] }
  }).program.body

/** The doc comment before a node: its paragraphs without tags and examples. */
export const docOf = (node: Syntax): string | undefined => {
  const comment = node.leadingComments?.findLast(({ type, value }) => type === "CommentBlock" && value.startsWith("*"))
  if (comment === undefined) return undefined
  const text = comment.value
    .split("\n")
    .map((line) => line.replace(/^\s*\*+ ?/, ""))
    .join("\n")
    .replace(/```[\s\S]*?```/g, "")
    .replace(/^@[\s\S]*/m, "")
    .replace(/\{@link (\S+?)\}/g, "`$1`")
    .replace(/(\S)\n(?=[^\n-])/g, "$1 ")
    .replace(/\n{3,}/g, "\n\n")
    .trim()
  return text === "" ? undefined : text
}
