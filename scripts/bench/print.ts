/** Results on a terminal. */
import type { Bench } from "./bench.js"
import { type Goal, goals, judge, limitOf, slowerThanOfficial, whereOf } from "./goals.js"
import { type Results, type Rounds, tableOf } from "./results.js"

export const printCase = (bench: Bench, name: string, rounds: Rounds): void => {
  console.log(`\n${bench.title}${Object.keys(bench.cases).length > 1 ? ` (${name})` : ""}`)
  console.table(tableOf(bench, rounds))
}

const rowOf = (goal: Goal, results: Results) => {
  const judged = judge(goal, results)
  if (judged === undefined) return { value: "not measured" }
  return {
    value: judged.value,
    floor: `${limitOf(goal, goal.floor)} ${judged.floor}`,
    ambitious: `${limitOf(goal, goal.ambitious)} ${judged.ambitious}`,
    "worst of": whereOf(judged)
  }
}

export const printGoals = (results: Results): void => {
  console.log("\nGoals")
  console.table(Object.fromEntries(goals.map((goal) => [goal.what, rowOf(goal, results)])))
  const slower = slowerThanOfficial(results)
  console.log(`\nSlower than the official SDK${slower.length === 0 ? ": nowhere" : ""}`)
  if (slower.length > 0) console.table(slower)
}
