/**
 * CRC-64 in WebAssembly: the module is assembled here, instruction by instruction.
 *
 * It exports `update(state: i64, at: i32, end: i32): i64` over an imported memory, which begins with the sixteen tables of
 * {@link makeTables} and room for folding, and continues with data.
 *
 * Few bytes are looked up in the tables, sixteen a step. Many are folded before that (as Chorba does,
 * https://arxiv.org/abs/2412.16398): adding a multiple of the CRC's polynomial does not change the checksum, and one with
 * few terms, which are whole bytes apart, moves a byte to few later places. A short rest is left for the tables.
 */
import { makeTables } from "./crc64Js.js"

type Code = ReadonlyArray<number | Code>

const unsigned = (n: number): ReadonlyArray<number> => (n < 0x80 ? [n] : [(n & 0x7f) | 0x80, ...unsigned(n >>> 7)])
const signed = (n: number): ReadonlyArray<number> =>
  n >= -0x40 && n < 0x40 ? [n & 0x7f] : [(n & 0x7f) | 0x80, ...signed(n >> 7)]
const flatten = (code: Code): ReadonlyArray<number> => code.flat(Infinity as 1) as unknown as ReadonlyArray<number>
const sized = (code: Code): Code => [unsigned(flatten(code).length), code]
const vector = (items: ReadonlyArray<Code>): Code => [unsigned(items.length), items]
const section = (id: number, items: ReadonlyArray<Code>): Code => [id, sized(vector(items))]

/**
 * The distances of the terms of such a multiple, in bytes: the first term, on which a byte lies, is 0. Of those with eight
 * terms it is the shortest. It was searched for in bits; to the eighth power, it has the same number of terms.
 */
const distances = [205, 1468, 2275, 2518, 3390, 3400, 3454]

const i64 = 0x7e
const i32 = 0x7f
const i32Const = (n: number): Code => [0x41, signed(n)]
const i64Const = (n: number): Code => [0x42, signed(n)]
const get = (local: number): Code => [0x20, local]
const set = (local: number): Code => [0x21, local]
const i32Load = (offset: number): Code => [0x28, 0, unsigned(offset)]
const i64Load = (offset: number): Code => [0x29, 0, unsigned(offset)]
const i32Load8 = [0x2d, 0, 0]
const i32GtU = 0x4b
const i32GeU = 0x4f
const i32LtU = 0x49
const i32Add = 0x6a
const i32Sub = 0x6b
const i32And = 0x71
const i32Xor = 0x73
const i32Shl = 0x74
const i32ShrU = 0x76
const i64Store = (offset: number): Code => [0x37, 0, unsigned(offset)]
const i64Xor = 0x85
const i64ShrU = 0x88
const i32WrapI64 = 0xa7
const v128Load = (offset: number): Code => [0xfd, 0x00, 0, unsigned(offset)]
const v128Store = (offset: number): Code => [0xfd, 0x0b, 0, unsigned(offset)]
const v128Xor = [0xfd, 0x51]
const memoryCopy = [0xfc, 0x0a, 0, 0]
const memoryFill = [0xfc, 0x0b, 0]
const call = (index: number): Code => [0x10, index]
const select = 0x1b
const end = 0x0b

/** Repeats the body until the condition, tested first, holds. */
const until = (condition: Code, body: Code): Code => [
  0x02,
  0x40,
  0x03,
  0x40,
  condition,
  0x0d,
  1,
  body,
  0x0c,
  0,
  end,
  end
]

/** Runs the body if the condition holds. */
const when = (condition: Code, body: Code): Code => [condition, 0x04, 0x40, body, end]

const add = (local: number, n: number): Code => [get(local), i32Const(n), i32Add, set(local)]

/** Bytes that are folded in one step. */
const step = 64

/** How far a byte is moved at most, in whole steps. So many bytes are left in the end. */
const reach = Math.ceil(Math.max(...distances) / step) * step

const tableBytes = 16 * 256 * 8
/** Bytes that were folded, those before them in front, since they are needed again. */
const foldedAt = tableBytes
const dataAt = 2 * tableBytes
/** What is left. */
const leftAt = dataAt - reach
/** So many bytes fit in between; a step less, because the first one is shorter. */
const room = leftAt - foldedAt - reach - step
/** For fewer bytes the tables are faster. */
const leastFolded = 2 * reach

/** `table(state, at, stop)`. */
const table = (): Code => {
  const [state, at, stop, wide, word0, word1, word2, word3, lastStep] = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const

  /** The entry of a table for one byte of a word: entries are eight bytes, so the index is shifted by three. */
  const lookup = (word: number, byte: number, table: number): Code => [
    get(word),
    byte === 0 ? [i32Const(3), i32Shl] : [i32Const(8 * byte - 3), i32ShrU],
    [i32Const(0xff << 3), i32And],
    i64Load(table * 256 * 8)
  ]
  /** Balanced, so that the exclusive-ors do not wait for one another. */
  const xorAll = (codes: ReadonlyArray<Code>): Code =>
    codes.length === 1
      ? (codes[0] as Code)
      : [xorAll(codes.slice(0, codes.length / 2)), xorAll(codes.slice(codes.length / 2)), i64Xor]
  // The words that do not depend on the state come first.
  const lookups = [word2, word3, word0, word1].flatMap((word) =>
    [0, 1, 2, 3].map((byte) => lookup(word, byte, 15 - ((word - word0) * 4 + byte)))
  )

  const sixteenBytes: Code = [
    [get(state), get(at), i64Load(0), i64Xor, set(wide)],
    [get(wide), i32WrapI64, set(word0)],
    [get(wide), i64Const(32), i64ShrU, i32WrapI64, set(word1)],
    [get(at), i32Load(8), set(word2)],
    [get(at), i32Load(12), set(word3)],
    [xorAll(lookups), set(state)],
    [get(at), i32Const(16), i32Add, set(at)]
  ]
  const oneByte: Code = [
    [get(state), i32WrapI64, get(at), i32Load8, i32Xor, set(word0)],
    [lookup(word0, 0, 0), get(state), i64Const(8), i64ShrU, i64Xor, set(state)],
    [get(at), i32Const(1), i32Add, set(at)]
  ]
  return [
    vector([
      [1, i64],
      [5, i32]
    ]),
    [get(stop), i32Const(16), i32Sub, set(lastStep)],
    until([get(at), get(lastStep), i32GtU], sixteenBytes),
    until([get(at), get(stop), i32GeU], oneByte),
    get(state),
    end
  ]
}

/** `update(state, at, stop)`. */
const update = (): Code => {
  const [state, at, stop, folded, last, pause] = [0, 1, 2, 3, 4, 5] as const

  /** Adds to the next bytes all that is moved to their place, which begins `reach` after `folded`. */
  const fold = (into: number): Code => [
    [0, 16, 32, 48].map((i) => [
      [get(folded), get(at), v128Load(i)],
      distances.map((distance) => [get(folded), v128Load(reach - distance + i), v128Xor]),
      v128Store(into + i)
    ]),
    add(folded, step),
    add(at, step)
  ]
  const begin: Code = [
    [i32Const(foldedAt), i32Const(0), i32Const(reach), memoryFill],
    [i32Const(foldedAt), set(folded)],
    [get(folded), get(at), i64Load(0), get(state), i64Xor, i64Store(reach)],
    [get(folded), get(at), i64Load(8), i64Store(reach + 8)],
    [add(folded, 16), add(at, 16)],
    [get(at), get(stop), get(at), i32Sub, i32Const(reach), i32Sub, i32Const(-step), i32And, i32Add, set(last)]
  ]
  const foldAll = until(
    [get(at), get(last), i32GeU],
    [
      [get(at), i32Const(room), i32Add, set(pause)],
      [get(last), get(pause), get(last), get(pause), i32LtU, select, set(pause)],
      until([get(at), get(pause), i32GeU], fold(reach)),
      [i32Const(foldedAt), get(folded), i32Const(reach), memoryCopy],
      [i32Const(foldedAt), set(folded)]
    ]
  )
  // Beyond the last folded byte nothing is moved on.
  const rest: Code = [
    [i32Const(foldedAt + reach), i32Const(0), i32Const(reach), memoryFill],
    [get(at), i32Const(reach), i32Add, set(pause)],
    until([get(at), get(pause), i32GeU], fold(leftAt - foldedAt)),
    [i64Const(0), i32Const(leftAt), i32Const(leftAt + reach), call(0), set(state)]
  ]
  return [
    vector([[3, i32]]),
    when([get(stop), get(at), i32Sub, i32Const(leastFolded), i32GeU], [begin, foldAll, rest]),
    [get(state), get(at), get(stop), call(0)],
    end
  ]
}

const assemble = (): Uint8Array<ArrayBuffer> => {
  const [m, u] = [0x6d, 0x75]
  return Uint8Array.from(
    flatten([
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, [[0x60, vector([[i64], [i32], [i32]]), vector([[i64]])]]),
      section(2, [[vector([[m]]), vector([[m]]), 0x02, 0, 1]]),
      section(3, [[0], [0]]),
      section(7, [[vector([[u]]), 0, 1]]),
      section(10, [sized(table()), sized(update())])
    ])
  )
}

const tableImage = (): Uint8Array => {
  const tables = makeTables(16)
  const view = new DataView(new ArrayBuffer(tableBytes))
  tables.forEach((word, i) => {
    view.setInt32(i * 4, word, true)
  })
  return new Uint8Array(view.buffer)
}

/** Memory whose bytes from {@link Region.data} on can be summed where they are. */
export interface Region {
  readonly data: Uint8Array<ArrayBuffer>
  /** `at` and `end` count from the beginning of the memory, as `byteOffset` does. */
  readonly update: (state: bigint, at: number, end: number) => bigint
}

/** Makes regions of `size` bytes; throws where WebAssembly is refused or no memory is left. */
export const makeRegions = (): ((size: number) => Region) => {
  const module = new WebAssembly.Module(assemble())
  const tables = tableImage()
  return (size) => {
    const memory = new WebAssembly.Memory({ initial: Math.ceil((dataAt + size) / 65536) })
    const { u } = new WebAssembly.Instance(module, { m: { m: memory } }).exports
    new Uint8Array(memory.buffer).set(tables)
    return {
      data: new Uint8Array(memory.buffer as ArrayBuffer, dataAt, size),
      update: u as Region["update"]
    }
  }
}
