/** Runs one variant in a process of its own: `client.js <bench> <case> <variant> <origin> <units of work>`. */
import { benches } from "./benches.js"
import type { Figures } from "./variants.js"

const [, , bench = "", name = "", variant = "", origin = "", units = ""] = process.argv

const found = benches[bench]?.cases[name]
const load = found?.variants[variant]
if (found === undefined || load === undefined) throw new Error(`no ${variant} in ${bench}: ${name}`)

const count = Number(units)
const cpu = ({ system, user }: NodeJS.CpuUsage) => user + system

const measure = async (): Promise<Figures> => {
  const run = await load(origin)
  const warmUp = Math.min(found.warmUp ?? 0, count)
  if (warmUp > 0) await run(warmUp)
  // Both clocks begin with the process.
  const cpuBefore = found.fromStart === true ? 0 : cpu(process.cpuUsage())
  const wallBefore = found.fromStart === true ? 0 : performance.now()
  const own = await run(count)
  return {
    cpu: (cpu(process.cpuUsage()) - cpuBefore) / count,
    wall: ((performance.now() - wallBefore) * 1000) / count,
    memory: (process.resourceUsage().maxRSS * 1024) / 1e6,
    ...own
  }
}

process.send?.(await measure(), () => process.exit())
