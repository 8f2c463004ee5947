/**
 * A defect that the tests must find: an edit of one place in a source. It is made while the tests load the module; the
 * source itself knows nothing of it.
 */
export interface Mutant {
  /** What is wrong with it, and its name. */
  readonly name: string
  /** Below the root of the workspace. */
  readonly file: string
  /** Text that the file has exactly once. */
  readonly find: string
  readonly replace: string
  /** The test files of which one has to fail. */
  readonly tests: ReadonlyArray<string>
}

/** Mutants of the files below a directory, which the same tests have to find. */
export const mutantsOf =
  (directory: string, tests: ReadonlyArray<string>) =>
  (name: string, file: string, find: string, replace: string): Mutant => ({
    name,
    file: `${directory}/${file}`,
    find,
    replace,
    tests
  })

/** The source with the defect. */
export const defect = ({ file, find, replace }: Mutant, source: string): string => {
  const parts = source.split(find)
  if (parts.length !== 2) throw new Error(`${file} has ${JSON.stringify(find)} ${parts.length - 1} times, not once`)
  return parts.join(replace)
}
