/**
 * The lock file that LMDB keeps beside its data. `lock.ts` is the lock of the whole directory.
 */
import { Buffer } from "node:buffer"
import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"

/**
 * Creates LMDB's lock file anew, with all of its blocks written. LMDB maps it into memory: if a block were missing, a full
 * disk would end the process. The directory has one owner, so the content of an earlier process means nothing.
 */
export const writeLockFile = (path: string): void => {
  const file = join(path, "lock.mdb")
  rmSync(file, { force: true })
  writeFileSync(file, Buffer.alloc(16 * 1024))
}
