/**
 * The memory that files are read into and written from, used again and again: new memory would be garbage at the rate of
 * the bodies, and the collector would take more time than the rest.
 */

/** In bytes. */
export const size = 512 * 1024

export type Block = Uint8Array<ArrayBuffer>

const kept = 32
const idle: Array<Block> = []
const lent = new WeakSet<Uint8Array>()

/** A block of {@link size}, with whatever is in it. */
export const take = (): Block => idle.pop() ?? new Uint8Array(size)

/** Gives back the block that these bytes begin, if it is one. Nobody may hold a part of it. */
export const giveBack = ({ buffer }: Block): void => {
  if (buffer.byteLength === size && idle.length < kept) idle.push(new Uint8Array(buffer))
}

/** The first bytes of a block, for somebody who may {@link release} them, or leave them to the garbage collector. */
export const lend = (block: Block, length: number): Uint8Array => {
  const bytes = block.subarray(0, length)
  lent.add(bytes)
  return bytes
}

/** Gives back what was lent, if these bytes were: a copy or a part of them was not. */
export const release = (bytes: Uint8Array): void => {
  if (lent.delete(bytes)) giveBack(bytes as Block)
}
