/** What `cos doctor` finds. */

export interface Finding {
  /** What was looked at, such as `clock`. */
  readonly check: string
  readonly status: "ok" | "warning" | "wrong" | "skipped"
  /** What is wrong, for programs. */
  readonly kind?: string | undefined
  readonly message: string
  /** What to do. */
  readonly advice?: string | undefined
}

export const ok = (check: string, message: string): Finding => ({ check, status: "ok", message })

export const skipped = (check: string, message: string): Finding => ({ check, status: "skipped", message })

export const warning = (check: string, kind: string, message: string, advice: string): Finding => ({
  check,
  status: "warning",
  kind,
  message,
  advice
})

export const wrong = (check: string, kind: string, message: string, advice: string): Finding => ({
  check,
  status: "wrong",
  kind,
  message,
  advice
})
