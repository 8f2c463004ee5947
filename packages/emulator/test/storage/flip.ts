import { closeSync, openSync, readSync, writeSync } from "node:fs"

/** Inverts one byte of a file. */
export const flipByte = (path: string, at: number): void => {
  const file = openSync(path, "r+")
  const byte = Buffer.alloc(1)
  readSync(file, byte, 0, 1, at)
  byte.writeUInt8(byte.readUInt8(0) ^ 0xff, 0)
  writeSync(file, byte, 0, 1, at)
  closeSync(file)
}
