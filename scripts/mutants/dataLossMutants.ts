/**
 * Guards against loss: what is acknowledged stays, nothing is deleted that was not seen to be gone, and nobody gets in. Each
 * mutant takes one away.
 */
import { type Mutant, mutantsOf } from "./mutant.js"

const storage = (...tests: ReadonlyArray<string>) =>
  mutantsOf(
    "packages/emulator/src/internal/storage",
    tests.map((test) => `packages/emulator/test/storage/${test}.test.ts`)
  )

const lock = storage("lock")
const fullDisk = storage("fullDisk")
const damage = storage("damage")
const bodyDamage = storage("bodyDamage")
const versions = storage("versions")
const directory = storage("directory")

const sync = mutantsOf("packages/cos/src/internal/transfer", ["test/transfers/sync.guards.test.ts"])
const files = mutantsOf("packages/cos/src/internal/file", ["test/transfers/sync.guards.test.ts"])
const changes = mutantsOf("packages/cos/src/internal/transfer", ["test/transfers/sync.changes.test.ts"])

const target = mutantsOf("packages/cos/src/internal/transfer", ["test/transfers/download.target.test.ts"])

const controlPort = mutantsOf("packages/emulator/src/internal", ["packages/emulator/test/controlPort.test.ts"])

const clock = mutantsOf("packages/emulator/src/internal", ["packages/emulator/test/Emulator.test.ts"])

const hostile = mutantsOf("packages/emulator/src/internal", ["packages/emulator/test/hostile.test.ts"])
const bounds = mutantsOf("packages/emulator/src/internal", ["packages/emulator/test/bounds.test.ts"])

export const guards: ReadonlyArray<Mutant> = [
  // the emulator's directory has one owner
  lock("the lock of another is not minded", "disk/lock.ts", "status === heldByAnother", "status === null"),
  lock("a socket's owner is not asked for", "disk/lock.ts", "if (highest > 0 && (await", "if (highest < 0 && (await"),
  // a full disk
  fullDisk("records meet the end of the disk", "disk/fullDisk.ts", "throw diskFull(path)", "return"),
  fullDisk(
    "removals have no reserve",
    "disk/fullDisk.ts",
    'purpose === "remove" ? 0',
    'purpose === "remove" ? reserve'
  ),
  fullDisk(
    "what was freed is not used again",
    "disk/fullDisk.ts",
    "now.free > 2 * pages + 64 ? reserveForRemovals",
    "now.free < 0 ? reserveForRemovals"
  ),
  // damaged records
  damage("records that are gone are new ones", "disk/openRecords.ts", '? "gone" : "new"', '? "new" : "new"'),
  damage(
    "old records are taken for whole",
    "disk/openRecords.ts",
    "finding.sequence < (commits",
    "finding.sequence < 0 * (commits"
  ),
  damage(
    "checksums of records are not compared",
    "disk/recordChecksum.ts",
    "sealed.length >= least &&",
    "sealed.length >= least ||"
  ),
  damage(
    "a walk that ended early is whole",
    "disk/check.ts",
    "if (damaged > 0 || !complete) return undefined",
    "if (damaged > 0) return undefined"
  ),
  damage(
    "records behind a damaged page are given up",
    "disk/check.ts",
    'mode === "backward" ? [true] : [false, true]',
    'mode === "backward" ? [] : [false]'
  ),
  bodyDamage(
    "bytes that changed are served",
    "bodies/reading.ts",
    "if (computed.value !== crc64)",
    "if (computed.value === undefined)"
  ),
  bodyDamage("files that are too short are opened", "bodies/reading.ts", "< offset + length) throw", "< 0) throw"),
  damage(
    "files are believed without their checksum",
    "disk/recovery.ts",
    "return combined === crc64",
    "return combined !== undefined"
  ),
  damage(
    "uploads that ended come back",
    "disk/recovery.ts",
    "(proof.ended.get(upload) ?? 0) >= sequence",
    "(proof.ended.get(upload) ?? 0) < 0"
  ),
  damage(
    "removed objects come back",
    "bodies/referenceCounts.ts",
    "|| !stays(former.body)) continue",
    '|| former.body !== "") continue'
  ),
  directory(
    "a directory that was replaced takes writes",
    "disk/lmdb.ts",
    "if (found?.ino === opened.ino && found.dev",
    "if (found?.ino !== 0 || found.dev"
  ),
  // order and snapshots
  versions("versions beyond 2255 are out of order", "records/keys.ts", '.padStart(orderLength, "0")', ""),
  directory(
    "a snapshot that was removed can be restored",
    "engine/snapshots.ts",
    "held.has(snapshot.entries)",
    "snapshot.entries !== undefined"
  ),
  // sync deletes only what it has seen to be gone
  sync(
    "a source that was replaced is the same",
    "tree/inspectPath.ts",
    "identityOf(info) === identity",
    'identity !== ""'
  ),
  sync(
    "a plan of another directory is carried out",
    "sync/deletionGuard.ts",
    "source !== root.identity",
    'source === ""'
  ),
  sync(
    "an empty source is planned to empty the target",
    "sync/plan.ts",
    "found.sources === 0 &&",
    "found.sources < 0 &&"
  ),
  sync(
    "a source that was emptied empties the target",
    "sync/deletionGuard.ts",
    'Option.isNone(yield* Stream.runHead(entries)) ? "EmptySource"',
    'Option.isNone(yield* Stream.runHead(Stream.make(entries))) ? "EmptySource"'
  ),
  sync("all of the target may be deleted", "sync/deletionGuard.ts", "part: 1 / 2, least: 10", "part: 1, least: 1000"),
  sync("what came back is deleted", "sync/deletionGuard.ts", 'return { reason: "Appeared" }', "return undefined"),
  sync(
    "links are followed",
    "tree/inspectPath.ts",
    "if (Either.isRight(link)) return",
    "if (path.length === 0) return"
  ),
  sync(
    "a name that is not UTF-8 hides nothing",
    "tree/walk.ts",
    '(relative, "NotUtf8", { hides: folder.name })',
    '(relative, "NotUtf8", { hides: relative })'
  ),
  sync(
    "what cannot be read hides nothing",
    "tree/walk.ts",
    "this.#options.onLeftOut({ name, reason,",
    'if (reason === "Unreadable") return\n    this.#options.onLeftOut({ name, reason,'
  ),
  sync(
    "a local file that changed is deleted",
    "sync/executor.ts",
    "return isSame ?",
    'return looked._tag === "File" ?'
  ),
  sync("an object that changed is deleted", "sync/executor.ts", "head.eTag === target &&", ""),
  sync("none allowed is not refused", "sync/apply.ts", "if (sync.wanted > limit)", "if (due.length > limit)"),
  changes(
    "a state takes the place of any file",
    "sync/stateFile.ts",
    "!(beginning.test(head) || end.test(tail))",
    'head === "" && !(beginning.test(head) || end.test(tail))'
  ),
  target(
    "what takes the target's place is replaced",
    "download/target.ts",
    "now.path !== before.path",
    'now.path === ""'
  ),
  changes("equal seconds are the same", "sync/compare.ts", "if (ours < theirs ||", "if (ours <= theirs ||"),
  changes("times of the last change are not compared", "sync/stateFile.ts", "before.ctime === now.ctime &&", ""),
  changes("a damaged state is believed", "sync/stateFile.ts", "if (crc64 !== String(", "if (crc64 === String("),
  files(
    "downloads in progress are taken for files",
    "temporaryName.ts",
    "=> pattern.test(name)",
    '=> name === "" && pattern.test(name)'
  ),
  // who may use the control port
  controlPort(
    "the control port takes any token",
    "control/authorization.ts",
    "return given !== undefined && equalInConstantTime(",
    "return given !== undefined || equalInConstantTime("
  ),
  controlPort(
    "the control port takes any Host",
    "control/authorization.ts",
    "if (name === undefined ||",
    'if (name === "" &&'
  ),
  controlPort(
    "web pages may use the control port",
    "control/authorization.ts",
    "    (headers.origin !== undefined &&",
    '    (headers.origin === "" &&'
  ),
  // nobody gets in
  controlPort(
    "a repeated Host is taken",
    "control/authorization.ts",
    "if (repeated !== undefined)",
    'if (repeated === "")'
  ),
  controlPort("the control port is a proxy", "control/authorization.ts", '!url.startsWith("/")', 'url === ""'),
  controlPort(
    "a request may kill the process",
    "faults/fromRequest.ts",
    "|| hasToken(request, trust)",
    '|| request.method === "GET"'
  ),
  controlPort("faults act for pages", "faults/fromRequest.ts", "return isForeign ||", "return isForeign === null ||"),
  controlPort(
    "faults act for any Host",
    "faults/fromRequest.ts",
    "if (!isKnown && !isServiceHost(host))",
    'if (host === "")'
  ),
  clock(
    "the clock goes beyond what dates can say",
    "handler/emulatorState.ts",
    "Math.min(Math.max(time, earliest), latest)",
    "Math.max(time, earliest)"
  ),
  // what anybody may send is bounded, and can go out again
  bounds("chunks have no limit", "operations/object.ts", "return size > most", "return size < 0"),
  bounds("forms have any number of fields", "http/form.ts", "fields.size === maxFields", "fields.size < 0"),
  hostile(
    "fields of forms break headers",
    "operations/parameters.ts",
    "if (broken !== undefined)",
    'if (broken === "")'
  ),
  hostile(
    "a copy without a source is an upload",
    "handler/handler.ts",
    "(name) => request.headers[name])",
    "(name) => request.headers[name] || undefined)"
  ),
  hostile("half of a pair names U+FFFD", "xml/xml.ts", "&& !isHalf ?", "?"),
  bounds(
    "bodies may drip",
    "server/httpServer.ts",
    "(bytes / minBodyRate) * 1000 - waited",
    "(bytes / minBodyRate) * 1000"
  ),
  hostile("keys have a NUL", "operations/parameters.ts", "[\\u0000\\u0018-\\u001b]", "[\\u0018-\\u001b]"),
  hostile("headers are written as they are", "handler/handler.ts", "writableHeaders(result.headers)", "result.headers"),
  hostile("Content-Disposition goes last", "server/httpServer.ts", 'name === "content-disposition"', 'name === ""'),
  bounds("the journal has no limit", "journal/journal.ts", "|| this.#bytes > this.#maxBytes", "|| this.#bytes < 0")
]
