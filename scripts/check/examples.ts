/**
 * The examples of a text. Each is a module of its own, whose code stands on the line and column where it stands in its
 * source, so that a compiler's message needs only the file's name put back.
 */
export interface Example {
  readonly source: string
  readonly line: number
  readonly text: string
}

/** The `ts` blocks of a text, each with blanks in place of everything else before it. */
export const examplesOf = (source: string, text: string): ReadonlyArray<Example> => {
  const inComments = source.endsWith(".ts")
  const examples: Array<Example> = []
  let block: Array<string> | undefined
  text.split(/\r?\n/).forEach((raw, index) => {
    const line = inComments ? raw.replace(/^\s*\*( |$)/, (prefix) => " ".repeat(prefix.length)) : raw
    const fence = /^\s*```(\w*)/.exec(line)
    if (inComments && line === raw) block = undefined
    else if (fence && block) {
      examples.push({ source, line: index, text: `${block.join("\n")}\n` })
      block = undefined
    } else if (fence) block = fence[1] === "ts" ? Array.from({ length: index + 1 }, () => "") : undefined
    else block?.push(line)
  })
  return examples
}

/** A name for the file of an example. */
export const fileName = ({ line, source }: Example): string => `${source.replaceAll("/", "__")}.${line}.ts`
