/** The text that a header and a URL can carry. Each rule has its words, which follow the name of a field. */

export const headerValueRule = "must be Latin-1 text without control characters, and without blanks or tabs at its ends"

/** What every transport sends as it is. Blanks and tabs at the ends are no part of a value: they are signed, but not sent. */
export const isHeaderValue = (text: string): boolean =>
  /^[\t\x20-\x7e\x80-\xff]*$/.test(text) && !/^[\t ]|[\t ]$/.test(text)

export const wellFormedRule = "must be well-formed Unicode, without lone surrogates"

/** Whether it has a UTF-8 form, and so can be percent-encoded. */
export const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text)

/** An integer from 0, with commas. `toLocaleString` loads tables of locales: 10 ms at the start. */
export const grouped = (integer: number): string => String(integer).replace(/\B(?=(?:\d{3})+$)/g, ",")
