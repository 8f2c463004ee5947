/** File descriptors: of the files and connections that a process may have open at once. */
interface NodeFs {
  readonly readFileSync: (path: string, encoding: "utf8") => string
}

declare const globalThis: {
  readonly process?: { readonly getBuiltinModule?: (id: string) => unknown }
}

const read = (): number | undefined => {
  try {
    const fs = globalThis.process?.getBuiltinModule?.("node:fs") as NodeFs | undefined
    const line = /^Max open files\s+(\d+)/m.exec(fs?.readFileSync("/proc/self/limits", "utf8") ?? "")
    return line === null ? undefined : Number(line[1])
  } catch {
    return undefined
  }
}

let limit: { readonly value: number | undefined } | undefined

/** How many this process may have, where that can be known: on Linux. */
export const descriptorLimit = (): number | undefined => {
  limit ??= { value: read() }
  return limit.value
}

/** Errors may be caused by one another in a circle. */
const maxDepth = 4

/** Whether an error, or what caused it, is that there are no more. */
export const isOutOfDescriptors = (error: unknown): boolean => isOut(error, 0)

const isOut = (error: unknown, depth: number): boolean => {
  if (typeof error !== "object" || error === null || depth > maxDepth) return false
  if ("causeCode" in error && (error.causeCode === "EMFILE" || error.causeCode === "ENFILE")) return true
  if ("code" in error && (error.code === "EMFILE" || error.code === "ENFILE")) return true
  return "cause" in error && isOut(error.cause, depth + 1)
}
