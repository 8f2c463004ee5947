import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["packages/*/test/**/*.test.ts", "packages/*/docs/**/*.test.ts", "test/**/*.test.ts"],
    // Vitest leaves a core to itself; on a machine with two, that is half of the work undone.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    isolate: false,
    setupFiles: ["test/support/setup.ts"],
    testTimeout: 20_000,
    hookTimeout: 20_000
  }
})
