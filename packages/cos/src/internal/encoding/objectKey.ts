/** What a key has to satisfy. */

/** Bytes of UTF-8. */
export const keyMaxBytes = 850

export const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

export const utf8Length = (text: string): number => {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    // A surrogate pair is 4 bytes in 2 units: one more for each half.
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit & 0xf800) !== 0xd800 ? 2 : 1
  }
  return bytes
}

/** The rule that a key breaks, as words that follow its name. */
export const keyRule = (key: string): string | undefined => {
  if (key.length === 0) return "must not be empty"
  if (key.length > keyMaxBytes || utf8Length(key) > keyMaxBytes)
    return `must have at most ${keyMaxBytes} bytes of UTF-8`
  if (key.startsWith("/") || key.startsWith("\\")) return "must not begin with / or \\"
  if (/^(?:\.?\/)*\.?$/.test(key)) return "must not consist of / and . segments only"
  if (/[\0\x18-\x1b]/.test(key)) return "must not have the characters U+0000 and U+0018 to U+001B"
  if (loneSurrogate.test(key)) return "must be well-formed Unicode, without lone surrogates"
  return undefined
}
