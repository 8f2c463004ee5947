/**
 * What a header can carry. Everything that becomes a header is checked where it comes in, and once more where headers
 * are written out: no value can end its line and begin a header of its own.
 */

/** What would end a header's line, or is refused by those who read it. */
const control = /[\u0000-\u0008\u000a-\u001f\u007f]/

const controls = new RegExp(control, "g")

const token = /^[!#$%&'*+.^_`|~\w-]+$/

/** Whether a text can be the value of a header. */
export const isHeaderValue = (text: string): boolean => !control.test(text)

/** Whether a text can be the name of a header. */
const isHeaderName = (text: string): boolean => token.test(text)

/** Headers that can be written out: blanks stand where control characters stood, names that are none are left out. */
export const writableHeaders = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      isHeaderName(name) ? [[name, isHeaderValue(value) ? value : value.replace(controls, " ")] as const] : []
    )
  )

/** Headers without these names. */
export const omitHeaders = (
  headers: Readonly<Record<string, string>>,
  ...names: ReadonlyArray<string>
): Record<string, string> => Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)))
