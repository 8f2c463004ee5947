/**
 * An example is a module of its own. Its code keeps the line and column of its source, so in a message of the compiler only
 * the file name has to be replaced.
 */
export interface Example {
  readonly source: string
  readonly line: number
  readonly text: string
}

/** The `ts` blocks of a text. Everything before a block is replaced by blanks. */
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

/** The file name of an example. */
export const fileName = ({ line, source }: Example): string => `${source.replaceAll("/", "__")}.${line}.ts`
