/**
 * What a header can carry. Everything that becomes a header is checked where it comes in, and once more where headers
 * are written out, so that no value can end its line and begin another header.
 */

/** Characters that would end a header's line, or that clients refuse. */
const control = /[\u0000-\u0008\u000a-\u001f\u007f]/

const controls = new RegExp(control, "g")

const token = /^[!#$%&'*+.^_`|~\w-]+$/

/** Whether a text can be the value of a header. */
export const isHeaderValue = (text: string): boolean => !control.test(text)

/** Whether a text can be the name of a header. */
const isHeaderName = (text: string): boolean => token.test(text)

/** Makes headers safe to write out: replaces control characters by blanks, and drops headers with invalid names. */
export const writableHeaders = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      isHeaderName(name) ? [[name, isHeaderValue(value) ? value : value.replace(controls, " ")] as const] : []
    )
  )

/**
 * A text as header values carry it: the bytes of its UTF-8, a character for each. That is also how such bytes arrive in
 * the headers of a request.
 */
export const utf8Value = (text: string): string => Buffer.from(text, "utf8").toString("latin1")

/** Headers without these names. */
export const omitHeaders = (
  headers: Readonly<Record<string, string>>,
  ...names: ReadonlyArray<string>
): Record<string, string> => Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)))
