/** The number of letters that have to be changed, left out, put in or swapped with their neighbour. */
const distance = (a: string, b: string): number => {
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const above = rows[i - 1] as Array<number>
      const same = a[i - 1] === b[j - 1]
      let least = Math.min((above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (rows[i - 2]?.[j - 2] ?? 0) + 1)
      }
      row.push(least)
    }
    rows.push(row)
  }
  return rows[a.length]?.[b.length] ?? 0
}

/** How far a word of so many letters may be: one of a single letter may only be in the other case. */
const allowed = (letters: number): number => (letters < 2 ? 0 : Math.max(1, Math.floor(letters / 3)))

/** What was probably meant by a misspelt word: the nearest of those that are known, unless even that is far. */
export const meant = (word: string, known: ReadonlyArray<string>): string | undefined => {
  const ranked = known
    .map((name) => ({
      name,
      far: distance(word.toLowerCase(), name),
      begins: name.startsWith(word) && word.length > 1
    }))
    .filter(({ begins, far, name }) => begins || far <= allowed(name.replace(/^-+/, "").length))
    .toSorted((a, b) => a.far - b.far)
  return ranked[0]?.name
}
