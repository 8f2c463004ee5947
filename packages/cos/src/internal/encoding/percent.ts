const unreserved = /^[\w.~-]*$/

const escapeMark = (mark: string): string => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`

/** Percent-encodes UTF-8 with upper-case hex, leaving only `A-Z a-z 0-9 - _ . ~`. */
export const encode = (text: string): string =>
  unreserved.test(text) ? text : encodeURIComponent(text).replace(/[!'()*]/g, escapeMark)
