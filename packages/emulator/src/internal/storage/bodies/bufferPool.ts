/**
 * Buffers for reading and writing files, used again and again. With new buffers for every body, garbage collection would
 * take more time than everything else.
 */
import { Buffer } from "node:buffer"

/** In bytes. */
export const size = 512 * 1024

interface Pool<Block> {
  /** A block of {@link size} bytes. Its content is arbitrary. */
  readonly take: () => Block
  /** Gives a block back. No part of it may be used any more. */
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
 * Copies the bytes to the block. Uses `fill`, because `set` copies byte by byte to shared memory and takes eight times as
 * long.
 */
export const copyInto = (block: Shared, bytes: Uint8Array, at: number): void => {
  if (bytes.length > 0) block.fill(bytes, at, at + bytes.length)
}

const readable: Pool<Uint8Array<ArrayBuffer>> = makePool(() => new Uint8Array(size))
const lent = new WeakMap<Uint8Array, Uint8Array<ArrayBuffer>>()

/** A block to read at most `wanted` bytes into; it may be shorter. */
export const forReading = (wanted: number): Uint8Array<ArrayBuffer> =>
  wanted < size ? new Uint8Array(wanted) : readable.take()

/** The bytes that were read. Their user may {@link release} them, or leave them to the garbage collector. */
export const lend = (block: Uint8Array<ArrayBuffer>, length: number): Uint8Array => {
  const bytes = block.subarray(0, length)
  if (block.length === size) lent.set(bytes, block)
  return bytes
}

/** Gives back the block of lent bytes. Copies and parts of them were not lent, and are ignored. */
export const release = (bytes: Uint8Array): void => {
  const block = lent.get(bytes)
  if (block !== undefined && lent.delete(bytes)) readable.giveBack(block)
}
