/**
 * Patterns with `*`, in one place: permissions, CORS origins and headers, referers. Patterns and texts may be hostile,
 * so matching takes time in proportion to pattern × text at most, never more.
 */

/**
 * Whether a pattern, in which each `*` stands for any characters or none, matches a text. After a mismatch, only
 * the last `*` has to take more; what earlier ones took can stay.
 */
export const matchesWildcard = (pattern: string, text: string): boolean => {
  let at = 0
  let patternAt = 0
  let star = -1
  let starText = 0
  while (at < text.length) {
    if (pattern[patternAt] === "*") {
      star = patternAt++
      starText = at
    } else if (patternAt < pattern.length && pattern[patternAt] === text[at]) {
      patternAt++
      at++
    } else if (star >= 0) {
      patternAt = star + 1
      at = ++starText
    } else {
      return false
    }
  }
  while (pattern[patternAt] === "*") patternAt++
  return patternAt === pattern.length
}
