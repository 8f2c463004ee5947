/** What the operating system and LMDB say, as the storage's error. */
import { StorageError } from "../Storage.js"

const full = new Set<unknown>(["ENOSPC", "EDQUOT", 28, 122])

export const toStorageError = (error: unknown, path: string): StorageError => {
  const { code, message } = error as NodeJS.ErrnoException
  return full.has(code)
    ? new StorageError({ reason: "DiskFull", message: "no space left on the disk", path })
    : new StorageError({ reason: "Io", message: message ?? String(error), path })
}
