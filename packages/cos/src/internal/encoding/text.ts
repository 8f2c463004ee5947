/** The text that a header and a URL can carry. Each rule has its words, which follow the name of a field. */

export const headerValue = "must be Latin-1 text without control characters"

/** What every transport sends as it is. */
export const isHeaderValue = (text: string): boolean => /^[\t\x20-\x7e\x80-\xff]*$/.test(text)

export const wellFormed = "must be well-formed Unicode, without lone surrogates"

/** Whether it has a UTF-8 form, and so can be percent-encoded. */
export const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text)
