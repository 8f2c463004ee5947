/** Runs one variant in a process of its own: `client.mjs <bench> <variant> <origin> <share of the count>`. */
import { benches } from "./benches.js"
import type { Figures } from "./variants.js"

const [, , name = "", variant = "", origin = "", share = "1"] = process.argv

const bench = benches[name]
const run = bench?.variants[variant]?.(origin)
if (bench === undefined || run === undefined) throw new Error(`no ${variant} in ${name}`)

const count = bench.count * Number(share)
if (bench.warmUp > 0) await run(bench.warmUp)
const cpuBefore = process.cpuUsage()
const before = performance.now()
const own = await run(count)
const { system, user } = process.cpuUsage(cpuBefore)
const { cpu, wall } =
  own === undefined || own === null || typeof own !== "object" || !("wall" in own)
    ? { cpu: user + system, wall: (performance.now() - before) * 1000 }
    : (own as Figures)
process.send?.({ cpu: cpu / count, wall: wall / count } satisfies Figures, () => process.exit())
