/** Sizes, keys and places of what benches send and receive. What it holds is in `content.ts`. */

import { createHash } from "node:crypto"
import { existsSync, mkdirSync, rmSync } from "node:fs"

export const MiB = 1024 * 1024

/** Where results and built files go; not in the repository. */
export const folder = ".evidence/bench"

/** Where transferred files lie: in memory if possible, because the disk is not what is measured. */
export const files = existsSync("/dev/shm") ? "/dev/shm/effect-cos-bench" : folder

/** The key of an object tells the server its size. */
export const keyOf = (mebibytes: number): string => `data-${mebibytes}`
export const sizeOf = (path: string): number =>
  path.startsWith("/small/") ? smallSize : Number(/data-(\d+)/.exec(path)?.[1] ?? 0) * MiB

export const fileOf = (mebibytes: number): string => `${files}/${keyOf(mebibytes)}`

/** Bytes of each of many small files. */
export const smallSize = 4096

/** A small object, or the file of its bytes. */
export const smallKeyOf = (i: number): string => `small/${i}`
export const smallFileOf = (i: number): string => `${files}/${smallKeyOf(i)}`

/** The names of the first `count` small files. */
export const smallFiles = (count: number): ReadonlyArray<{ readonly key: string; readonly path: string }> =>
  Array.from({ length: count }, (_, i) => ({ key: smallKeyOf(i), path: smallFileOf(i) }))

/** A directory of 5 folders with 1,000 small files each. */
export const tree = `${files}/tree`
export const treeSize = 5000
export const treeNames: ReadonlyArray<string> = Array.from(
  { length: treeSize },
  (_, i) => `${Math.floor(i / 1000)}/${String(i % 1000).padStart(3, "0")}.bin`
)

/** Where downloads go; another checkout may be measured at the same time. */
export const out = `${files}/out-${createHash("sha1").update(process.cwd()).digest("hex").slice(0, 8)}`

/** Removes what earlier variants downloaded. */
export const clearOut = (): void => {
  rmSync(out, { recursive: true, force: true })
  mkdirSync(`${out}/small`, { recursive: true })
}
