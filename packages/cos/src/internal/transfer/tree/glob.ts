/**
 * Patterns of names, as `Batch.Selection` describes them. A pattern becomes a state machine with about one state for each
 * of its characters, braces included, and a name is read once: the time is at most pattern × name, whatever both hold.
 */
import * as Either from "effect/Either"

/** The longest pattern, in characters. */
export const maxLength = 4096

/** The deepest nesting of braces. */
export const maxDepth = 32

// --- what a pattern says ---------------------------------------------------------------------------------------------

type Part =
  | { readonly _tag: "Char"; readonly char: string }
  /** `?` */
  | { readonly _tag: "Any" }
  /** `[a-z]` */
  | { readonly _tag: "Class"; readonly has: (char: string) => boolean }
  /** `*` */
  | { readonly _tag: "Star" }
  /** `**` */
  | { readonly _tag: "Folders" }
  /** `{a,b}` */
  | { readonly _tag: "Braces"; readonly alternatives: ReadonlyArray<ReadonlyArray<Part>> }

/** Thrown while parsing, and caught in `make`. */
class Refusal {
  constructor(readonly reason: string) {}
}

const refuse = (reason: string): never => {
  throw new Refusal(reason)
}

class Parser {
  readonly #chars: ReadonlyArray<string>
  #at = 0

  constructor(pattern: string) {
    this.#chars = Array.from(pattern)
  }

  /** The parts up to the end of the pattern, or of the alternative. */
  parts(depth: number): ReadonlyArray<Part> {
    const parts: Array<Part> = []
    for (;;) {
      const char = this.#chars[this.#at]
      if (char === undefined || (depth > 0 && (char === "," || char === "}"))) return parts
      this.#at += 1
      parts.push(this.#part(char, depth))
    }
  }

  #part(char: string, depth: number): Part {
    if ("?*+@!".includes(char) && this.#chars[this.#at] === "(") {
      return refuse(`must not use ${char}( ), which is not supported; \\( stands for the character itself`)
    }
    switch (char) {
      case "\\":
        return { _tag: "Char", char: this.#escaped() }
      case "[":
        return this.#class()
      case "{":
        return this.#braces(depth + 1)
      case "}":
        return refuse("must not have a } without its {; \\} stands for the character itself")
      case "?":
        return { _tag: "Any" }
      case "*": {
        const begun = this.#at
        while (this.#chars[this.#at] === "*") this.#at += 1
        return { _tag: this.#at === begun ? "Star" : "Folders" }
      }
      default:
        return { _tag: "Char", char }
    }
  }

  #escaped(): string {
    return this.#chars[this.#at++] ?? refuse("must not end with a \\ that escapes nothing")
  }

  #class(): Part {
    const first = this.#chars[this.#at]
    const isNegated = first === "!" || first === "^"
    if (isNegated) this.#at += 1
    const ranges: Array<readonly [from: number, to: number]> = []
    do {
      const from = this.#member()
      const isRange = this.#chars[this.#at] === "-" && this.#chars[this.#at + 1] !== "]"
      if (isRange) this.#at += 1
      const to = isRange ? this.#member() : from
      if (to < from) refuse("must not have a range within [ ] that ends before it begins")
      ranges.push([from, to])
    } while (this.#chars[this.#at] !== "]")
    this.#at += 1
    return {
      _tag: "Class",
      has: (char) => {
        const code = char.codePointAt(0) as number
        return char !== "/" && ranges.some(([from, to]) => code >= from && code <= to) !== isNegated
      }
    }
  }

  #member(): number {
    let char = this.#chars[this.#at++] ?? refuse("must not have a [ without its ]; \\[ stands for the character itself")
    if (char === "[" && ":.=".includes(this.#chars[this.#at] ?? "none")) {
      refuse("must not use a named class such as [:alpha:]; write its characters, such as [a-z]")
    }
    if (char === "\\") char = this.#escaped()
    if (char === "/") refuse("must not have a / within [ ], where it never matches")
    return char.codePointAt(0) as number
  }

  #braces(depth: number): Part {
    if (depth > maxDepth) refuse(`must not nest braces more than ${maxDepth} deep`)
    const alternatives: Array<ReadonlyArray<Part>> = []
    for (;;) {
      alternatives.push(this.parts(depth))
      const end = this.#chars[this.#at++]
      if (end === undefined) refuse("must not have a { without its }; \\{ stands for the character itself")
      if (end === "}") break
    }
    if (alternatives.length === 1) {
      refuse("must not have braces without a comma; \\{ and \\} stand for the characters themselves")
    }
    return { _tag: "Braces", alternatives }
  }
}

// --- as states -------------------------------------------------------------------------------------------------------

/** What a state does with the next character of a name. States are known by their place in the machine. */
type State =
  | { readonly _tag: "Char"; readonly char: string; readonly next: number }
  | { readonly _tag: "Any"; readonly next: number }
  | { readonly _tag: "Class"; readonly has: (char: string) => boolean; readonly next: number }
  /** Takes any number of characters but `/`. */
  | { readonly _tag: "Star"; readonly next: number }
  /** Takes any number of whole segments. What follows is the end of a segment, or a slash that it has taken already. */
  | { readonly _tag: "Segments"; readonly next: number; readonly takesAll: boolean }
  /** Takes nothing, and goes on in the first of these only where a segment begins, and in all of the others. */
  | { readonly _tag: "Fork"; readonly whereSegmentBegins?: number; readonly to: ReadonlyArray<number> }
  | { readonly _tag: "End" }

interface Machine {
  readonly states: ReadonlyArray<State>
  readonly start: number
}

const build = (parts: ReadonlyArray<Part>): Machine => {
  const states: Array<State> = []
  /** Whether a name may end here, by state; and whether it must, since nothing but the end follows. */
  const mayEnd: Array<boolean> = []
  const mustEnd: Array<boolean> = []
  const add = (state: State): number => {
    const isFork = state._tag === "Fork"
    mustEnd.push(state._tag === "End" || (isFork && state.to.some((id) => mustEnd[id])))
    mayEnd.push(
      state._tag === "End" ||
        (isFork && state.to.some((id) => mayEnd[id])) ||
        (state._tag === "Star" && mayEnd[state.next] === true)
    )
    if (state._tag === "Char" && state.char === "/" && mustEnd[state.next] === true) {
      refuse("must not end with /; what lies below a folder is folder/**")
    }
    return states.push(state) - 1
  }
  /** From the last part to the first, each knowing what follows it. */
  const before = (parts: ReadonlyArray<Part>, next: number): number =>
    parts.reduceRight((next, part) => {
      switch (part._tag) {
        case "Folders":
          return add({
            _tag: "Fork",
            whereSegmentBegins: add({ _tag: "Segments", next, takesAll: mayEnd[next] === true }),
            to: [add({ _tag: "Star", next })]
          })
        case "Braces":
          return add({ _tag: "Fork", to: part.alternatives.map((alternative) => before(alternative, next)) })
        default:
          return add({ ...part, next })
      }
    }, next)
  const start = before(parts, add({ _tag: "End" }))
  return { states, start }
}

/** Names are relative: one that begins with a slash is never asked for. */
const checkBeginning = ({ start, states }: Machine): void => {
  const seen = new Set([start])
  for (const id of seen) {
    const state = states[id] as State
    if (state._tag === "Fork") for (const to of state.to) seen.add(to)
    if (state._tag === "Char" && state.char === "/") refuse("must not begin with /, since names are relative")
  }
}

/** Reads one name after the other. The states that a name can be in are a set, so that none is looked at twice. */
class Reader {
  readonly #states: ReadonlyArray<State>
  readonly #start: number
  /**
   * The step at which each state was last entered. A second half is for those whose slash is taken already: see
   * `Segments`.
   */
  readonly #entered: Int32Array
  #step = 0
  #beginsSegment = false
  #endsSegment = false
  #current: Array<number> = []

  constructor({ start, states }: Machine) {
    this.#states = states
    this.#start = start
    this.#entered = new Int32Array(states.length * 2)
  }

  /** The states after the name; none as soon as no longer name can match either. */
  read(name: string): ReadonlyArray<State> {
    const chars = Array.from(name)
    this.#begin(undefined, chars[0])
    this.#current = this.#enter(this.#start, [])
    for (let i = 0; i < chars.length && this.#current.length > 0; i++) {
      const char = chars[i] as string
      this.#begin(char, chars[i + 1])
      const next: Array<number> = []
      for (const id of this.#current) {
        const state = this.#states[id] as State
        switch (state._tag) {
          case "Char":
            if (state.char === char) this.#enter(state.next, next)
            break
          case "Any":
            if (char !== "/") this.#enter(state.next, next)
            break
          case "Class":
            if (state.has(char)) this.#enter(state.next, next)
            break
          case "Star":
            if (char !== "/") this.#enter(id, next)
            break
          case "Segments":
            this.#enter(id, next)
            break
        }
      }
      this.#current = next
    }
    return this.#current.map((id) => this.#states[id] as State)
  }

  #begin(last: string | undefined, following: string | undefined): void {
    // A step has a number of its own for as long as an Int32 has one.
    if (this.#step === 0x7fffffff) {
      this.#entered.fill(0)
      this.#step = 0
    }
    this.#step += 1
    this.#beginsSegment = last === undefined || last === "/"
    this.#endsSegment = following === undefined || following === "/"
  }

  /** Adds a state, and those it leads to by taking nothing. */
  #enter(first: number, into: Array<number>): Array<number> {
    const { length } = this.#states
    const waiting = [first]
    for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
      if (this.#entered[entry] === this.#step) continue
      this.#entered[entry] = this.#step
      const isSlashTaken = entry >= length
      const id = isSlashTaken ? entry - length : entry
      const state = this.#states[id] as State
      if (state._tag === "Fork") {
        const { to, whereSegmentBegins } = state
        for (const id of to) waiting.push(isSlashTaken ? id + length : id)
        if (whereSegmentBegins !== undefined && this.#beginsSegment && !isSlashTaken) waiting.push(whereSegmentBegins)
      } else if (isSlashTaken) {
        if (state._tag === "Char" && state.char === "/") waiting.push(state.next)
      } else {
        into.push(id)
        if (state._tag === "Star") waiting.push(state.next)
        if (state._tag === "Segments") {
          if (this.#endsSegment) waiting.push(state.next)
          if (this.#beginsSegment) waiting.push(state.next + length)
        }
      }
    }
    return into
  }
}

// --- as a whole ------------------------------------------------------------------------------------------------------

/** How much of what lies below a folder matches: nothing, perhaps something, or everything for certain. */
export type Extent = "nothing" | "something" | "everything"

export interface Glob {
  /** The pattern began with `!`: what matches the rest of it is not selected. */
  readonly isNegated: boolean
  readonly matches: (name: string) => boolean
  readonly below: (folder: string) => Extent
}

const parse = (pattern: string): Machine => {
  if (pattern === "") refuse("must not be empty")
  if (pattern.length > maxLength) refuse(`must have at most ${maxLength} characters`)
  if (/^\.\.?\//.test(pattern)) refuse("must not begin with ./ or ../, since names are relative and never do")
  const machine = build(new Parser(pattern).parts(0))
  checkBeginning(machine)
  return machine
}

/** A pattern that can be matched, or why it cannot, as what follows its name in a sentence. */
export const make = (pattern: string): Either.Either<Glob, string> => {
  try {
    const isNegated = pattern.startsWith("!") && pattern[1] !== "("
    const reader = new Reader(parse(isNegated ? pattern.slice(1) : pattern))
    return Either.right({
      isNegated,
      matches: (name) => reader.read(name).some(({ _tag }) => _tag === "End"),
      below: (folder) => {
        const states = reader.read(`${folder}/`)
        if (states.some((state) => state._tag === "Segments" && state.takesAll)) return "everything"
        return states.some(({ _tag }) => _tag !== "End") ? "something" : "nothing"
      }
    })
  } catch (refusal) {
    if (refusal instanceof Refusal) return Either.left(refusal.reason)
    throw refusal
  }
}
