import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["packages/*/test/**/*.test.ts", "packages/*/docs/**/*.test.ts", "test/**/*.test.ts"],
    // Vitest leaves a core to itself; on a machine with two, that is half of the work undone.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // The files of a worker share their modules: loading Effect anew for each took a quarter of the time.
    isolate: false,
    // Notes what the tests of the command line use of it, and fails where something is not used.
    globalSetup: ["packages/cli/test/support/uses.ts"],
    setupFiles: ["test/support/setup.ts"],
    testTimeout: 20_000,
    hookTimeout: 20_000
  }
})
