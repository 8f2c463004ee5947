/** Words as a POSIX shell takes them. */

/** In quotes, where a shell would read something else. */
export const quote = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
