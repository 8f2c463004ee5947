/** Runs one variant in a process of its own: `client.js <bench> <case> <variant> <origin> <units of work> <of warm-up>`. */
import { benches } from "./benches.js"
import type { Figures } from "./variants.js"

const [, , bench = "", name = "", variant = "", origin = "", units = "", warmUp = ""] = process.argv

const found = benches[bench]?.cases[name]
const load = found?.variants[variant]
if (found === undefined || load === undefined) throw new Error(`no ${variant} in ${bench}: ${name}`)

const count = Number(units)
const cpu = ({ system, user }: NodeJS.CpuUsage) => user + system

const measure = async (): Promise<Figures> => {
  const run = await load(origin)
  for (let left = Number(warmUp); left > 0; left -= count) await run(Math.min(left, count))
  const cpuBefore = cpu(process.cpuUsage())
  const wallBefore = performance.now()
  const own = await run(count)
  const cpuNow = cpu(process.cpuUsage())
  const wallNow = performance.now()
  const work = { cpu: (cpuNow - cpuBefore) / count, wall: ((wallNow - wallBefore) * 1000) / count }
  return {
    // Both clocks begin with the process.
    ...(found.fromStart === true
      ? { cpu: cpuNow / count, wall: (wallNow * 1000) / count, cpuAfterStart: work.cpu, wallAfterStart: work.wall }
      : work),
    memory: (process.resourceUsage().maxRSS * 1024) / 1e6,
    ...own
  }
}

process.send?.(await measure(), () => process.exit())
