/**
 * Who may import whom: the floors of `packages/cos/src/internal`, the borders of the packages, and no circle at run time.
 * `packages/cos/docs/architecture.md` has the map. `pnpm test` runs this with dependency-cruiser.
 */

const transfers = "^packages/cos/src/(Upload|Download|Copy|Sync|TransferQueue|Checkpoint|Batch)[.]ts$"
const internal = (...rooms) => `^packages/cos/src/internal/(${rooms.join("|")})/`

/** The rooms of `packages/cos/src/internal`, from the top floor down. */
const floors = [
  ["transfer"],
  ["operation", "policy", "sts"],
  ["http"],
  ["xml", "checksum", "file", "encoding", "time", "credentials", "progress"]
]

/** A room imports only rooms of lower floors. */
const floorRules = floors.slice(1).map((rooms, above) => ({
  name: `${rooms.join("-")}-looks-up`,
  comment: `internal/{${rooms}} imports nothing of the floors above it`,
  from: { path: internal(...rooms) },
  to: { path: internal(...floors.slice(0, above + 1).flat()) }
}))

/** The rooms of `packages/emulator/src/internal`, from the top floor down. Rooms of one floor do not import each other. */
const emulatorFloors = [
  ["server", "control", "command"],
  ["handler"],
  ["faults"],
  ["operations", "sts"],
  ["access", "journal", "select"],
  ["xml", "storage"],
  ["http"]
]
const emulatorInternal = (rooms) => `^packages/emulator/src/internal/(${rooms.join("|")})/`

/** A room imports only rooms of lower floors. */
const emulatorRules = emulatorFloors.map((rooms, index) => ({
  name: `emulator-${rooms.join("-")}-looks-up`,
  comment: `internal/{${rooms}} imports nothing of its own floor or of those above it`,
  from: { path: emulatorInternal(rooms) },
  to: {
    path: emulatorInternal(emulatorFloors.slice(0, index + 1).flat()),
    pathNot: "^packages/emulator/src/internal/$1/"
  }
}))

export default {
  forbidden: [
    {
      name: "circle",
      comment: "modules that import one another at run time depend on the order in which they are loaded",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } }
    },
    {
      name: "unresolved",
      comment: "an import that leads nowhere is one that no other rule sees",
      from: {},
      to: { couldNotResolve: true }
    },

    ...floorRules,
    ...emulatorRules,
    {
      name: "lowest-floor-is-flat",
      comment: "the rooms of the lowest floor are independent; all may use encoding and time",
      from: { path: "^packages/cos/src/internal/(xml|checksum|file|encoding|time|credentials|progress)/" },
      to: { path: internal(...floors[3]), pathNot: ["^packages/cos/src/internal/$1/", internal("encoding", "time")] }
    },
    {
      name: "operations-know-no-transfers",
      comment: "operations, and all that they stand on, reach no transfer, however indirectly",
      from: { path: ["^packages/cos/src/operations/", internal("operation", "http", ...floors[3])] },
      to: { path: [transfers, internal("transfer")], reachable: true }
    },
    {
      name: "http-knows-no-operations",
      comment: "one attempt of one request is the same for every operation; types of a declaration aside",
      from: { path: internal("http", ...floors[3]) },
      to: {
        path: ["^packages/cos/src/(Cos|Operation)[.]ts$", "^packages/cos/src/operations/"],
        dependencyTypesNot: ["type-only"]
      }
    },
    {
      name: "lowest-floor-knows-no-client",
      comment: "documents, checksums, files, encodings, times, credentials and progress work without a client",
      from: { path: internal(...floors[3]) },
      to: { path: ["^packages/cos/src/CosClient[.]ts$", internal("http")], reachable: true }
    },

    {
      name: "cos-knows-no-other-package",
      comment: "packages/cos knows neither the emulator nor Node's layers",
      from: { path: "^packages/cos/src/" },
      to: { path: "^packages/(emulator|node)/" }
    },
    {
      name: "cos-runs-everywhere",
      comment: "packages/cos runs wherever an HttpClient layer runs, so it imports nothing of Node's",
      from: { path: "^packages/cos/src/" },
      to: { dependencyTypes: ["core"] }
    },
    {
      name: "emulator-verifies-by-itself",
      comment: "the emulator has its own signature verifier and knows no client",
      from: { path: "^packages/emulator/src/" },
      to: { path: "^packages/cos/src/(Signature|CosClient|index)[.]ts$" }
    },
    {
      name: "node-is-for-production",
      comment: "packages/node does not know the emulator",
      from: { path: "^packages/node/src/" },
      to: { path: "^packages/emulator/" }
    },
    {
      name: "cos-internal",
      comment: "internal to packages/cos; benchmarks and generated docs may look inside",
      from: { pathNot: ["^packages/cos/", "^scripts/(bench|api)/"] },
      to: { path: "^packages/cos/src/(internal|operations)/" }
    },
    {
      name: "node-internal",
      comment: "internal to packages/node",
      from: { pathNot: "^packages/node/" },
      to: { path: "^packages/node/src/internal/" }
    },
    {
      name: "node-keeps-to-public-api",
      comment: "global values of Effect's packages are private to them",
      from: { path: "^packages/node/src/" },
      to: { path: "node_modules/effect/dist/[^/]+/GlobalValue[.]" }
    },
    {
      name: "xml-library-is-loaded-late",
      comment: "import the readers of internal/xml: CosXml brings fast-xml-parser, which few programs need",
      from: {
        path: "^packages/cos/src/(internal/|operations/|[^/]+$)",
        pathNot: "^packages/cos/src/(index|CosXml)[.]ts$"
      },
      to: {
        path: "^packages/cos/src/CosXml[.]ts$|node_modules/fast-xml-parser/",
        dependencyTypesNot: ["type-only"],
        dynamic: false
      }
    },
    {
      name: "undici-is-loaded-late",
      comment: "the first request loads what it needs of it",
      from: { path: "^packages/node/src/" },
      to: { path: "node_modules/undici/", dependencyTypesNot: ["type-only"], dynamic: false }
    },
    {
      name: "emulator-internal",
      comment: "internal to packages/emulator; the count of its operations may look inside",
      from: { pathNot: ["^packages/emulator/", "^scripts/api/"] },
      to: { path: "^packages/emulator/src/internal/" }
    },
    {
      name: "cli-keeps-to-public-api",
      comment: "the command line is a user of the other packages",
      from: { path: "^packages/cli/" },
      to: { path: "^packages/(cos|node|emulator)/src/(internal|operations)/" }
    },
    {
      name: "cli-is-for-people",
      comment: "no other package knows the command line",
      from: { path: "^packages/(cos|node|emulator)/" },
      to: { path: "^packages/cli/" }
    },
    {
      name: "cli-contract-knows-no-commands",
      comment: "what all commands share knows none of them, but for the types of their list",
      from: { path: "^packages/cli/src/(contract|terminal|keys)/" },
      to: { path: "^packages/cli/src/commands", dependencyTypesNot: ["type-only"] }
    },
    {
      name: "index-is-for-users",
      comment: "inside the packages import the module itself",
      from: { path: "^packages/[^/]+/src/" },
      to: { path: "^packages/[^/]+/src/index[.]ts$" }
    },
    {
      name: "deep-imports",
      comment: "import the module: effect/Effect, not effect",
      from: { path: "^packages/[^/]+/src/(?!index[.]ts$)" },
      to: { path: "node_modules/(effect|@effect/[^/]+)/dist/[^/]+/index[.]" }
    }
  ].map((rule) => ({ severity: "error", ...rule })),
  options: {
    tsPreCompilationDeps: true,
    parser: "tsc",
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^packages/[^/]+/dist/" },
    skipAnalysisNotInRules: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "types"] }
  }
}
