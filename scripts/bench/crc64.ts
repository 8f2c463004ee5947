/** Prints what CRC-64 costs here, in GB/s: each way of summing the same 8 MiB, best of 30 rounds. */
import * as os from "node:os"
import * as Crc64 from "../../packages/cos/src/Crc64.js"
import * as javascript from "../../packages/cos/src/internal/crc64Js.js"

const size = 8 * 1024 * 1024
const plain = Uint8Array.from({ length: size }, (_, i) => Math.imul(i, 2654435761) >>> 13)
const owned = Crc64.allocate(size)
owned.set(plain)

const rows = {
  "a buffer of Crc64.allocate": () => Crc64.of(owned),
  "any Uint8Array": () => Crc64.of(plain),
  "without WebAssembly": () => javascript.update(0n, plain)
}

console.log(`${os.cpus()[0]?.model}, Node ${process.versions.node}`)
for (const [name, run] of Object.entries(rows)) {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 30; round++) {
    const start = performance.now()
    run()
    best = Math.min(best, performance.now() - start)
  }
  console.log(`${name.padEnd(28)} ${(size / best / 1e6).toFixed(2)} GB/s`)
}

const rounds = 10_000
const start = performance.now()
for (let i = 0; i < rounds; i++) Crc64.combine(BigInt(i), 1n, size)
console.log(`${"combine, 8 MiB".padEnd(28)} ${(((performance.now() - start) / rounds) * 1000).toFixed(2)} µs`)
