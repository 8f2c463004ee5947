/**
 * What the command ends with, for scripts. `errors` says which error ends with which.
 */

/** Every exit code, and what it says. */
export const exitCodes = {
  0: "done, all of it; an empty list too",
  1: "failed, for any other reason",
  2: "the command line is wrong, or a question would have to be asked and there is no terminal",
  3: "done in part: what failed is listed last",
  4: "not found: the bucket, the object, the configuration or the local file",
  5: "refused: no keys, wrong keys, or keys that may not do this",
  6: "a precondition did not hold, or the target exists",
  7: "the bytes are not what they should be",
  129: "the terminal was closed; else as 130",
  130: "interrupted by Ctrl-C, after unfinished uploads were aborted; a second Ctrl-C ends at once",
  143: "the same by SIGTERM"
} as const

export type ExitCode = keyof typeof exitCodes
