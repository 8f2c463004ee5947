/** Turns errors of the operating system and of LMDB into the storage's error. */
import { StorageError } from "./Storage.js"

/** ENOSPC and EDQUOT, by name from Node and by number from LMDB. */
const fullCodes = new Set<unknown>(["ENOSPC", "EDQUOT", 28, 122])
/** EIO. */
const failureCodes = new Set<unknown>(["EIO", 5])

/** Whether the disk refused a write. After that, LMDB cannot be relied on. */
export const isWriteFailure = (error: unknown): boolean => {
  const { code } = error as NodeJS.ErrnoException
  return fullCodes.has(code) || failureCodes.has(code)
}

export const diskFull = (path: string): StorageError =>
  new StorageError({ reason: "DiskFull", message: "no space left on the disk", path })

export const toStorageError = (error: unknown, path: string): StorageError => {
  const { code, message } = error as NodeJS.ErrnoException
  return fullCodes.has(code)
    ? diskFull(path)
    : new StorageError({ reason: "Io", message: message ?? String(error), path })
}
