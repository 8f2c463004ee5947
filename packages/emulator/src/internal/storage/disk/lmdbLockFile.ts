/**
 * The lock file that LMDB keeps beside its data. `lock.ts` is the lock of the whole directory.
 */
import { Buffer } from "node:buffer"
import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"

/**
 * Makes LMDB's lock file anew, all of its blocks written: LMDB maps it, and where a block is missing, a full disk ends the
 * process. The owner of the directory is alone, so what an earlier process left in it means nothing.
 */
export const writeLockFile = (path: string): void => {
  const file = join(path, "lock.mdb")
  rmSync(file, { force: true })
  writeFileSync(file, Buffer.alloc(16 * 1024))
}
