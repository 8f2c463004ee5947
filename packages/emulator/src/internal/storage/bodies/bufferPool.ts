/**
 * The memory that files are read into and written from, used again and again: new memory would be garbage at the rate of
 * the bodies, and the collector would take more time than the rest.
 */
import { Buffer } from "node:buffer"

/** In bytes. */
export const size = 512 * 1024

interface Pool<Block> {
  /** A block of {@link size}, with whatever is in it. */
  readonly take: () => Block
  /** Nobody may hold a part of it any more. */
  readonly giveBack: (block: Block) => void
}

const makePool = <Block>(make: () => Block): Pool<Block> => {
  const kept = 16
  const idle: Array<Block> = []
  return {
    take: () => idle.pop() ?? make(),
    giveBack: (block) => {
      if (idle.length < kept) idle.push(block)
    }
  }
}

/** Blocks that other threads may read. */
export type Shared = Buffer<SharedArrayBuffer>

export const shared: Pool<Shared> = makePool(() => Buffer.from(new SharedArrayBuffer(size)))

/**
 * Copies the bytes to the block. `fill`, since what `set` does with shared memory takes eight times as long: it goes byte
 * by byte.
 */
export const copyInto = (block: Shared, bytes: Uint8Array, at: number): void => {
  if (bytes.length > 0) block.fill(bytes, at, at + bytes.length)
}

const readable: Pool<Uint8Array<ArrayBuffer>> = makePool(() => new Uint8Array(size))
const lent = new WeakMap<Uint8Array, Uint8Array<ArrayBuffer>>()

/** A block to read so many bytes into, or the first of them. */
export const forReading = (wanted: number): Uint8Array<ArrayBuffer> =>
  wanted < size ? new Uint8Array(wanted) : readable.take()

/** The bytes that were read, for somebody who may {@link release} them, or leave them to the collector. */
export const lend = (block: Uint8Array<ArrayBuffer>, length: number): Uint8Array => {
  const bytes = block.subarray(0, length)
  if (block.length === size) lent.set(bytes, block)
  return bytes
}

/** Gives the block back whose bytes these are, if they were lent: a copy or a part of them was not. */
export const release = (bytes: Uint8Array): void => {
  const block = lent.get(bytes)
  if (block !== undefined && lent.delete(bytes)) readable.giveBack(block)
}
