/** Guards of the SDK's requests and transfers. Each mutant takes one away. */
import { type Mutant, mutantsOf } from "./mutant.js"

const of = (...tests: ReadonlyArray<string>) => mutantsOf("packages/cos/src/internal", tests)

const limits = of("packages/cos/test/limits.test.ts")
const requests = of("packages/cos/test/CosClient.test.ts")
const bodies = of("packages/cos/test/CosClient.bodies.test.ts")
const secrets = of("packages/cos/test/reachableSecrets.test.ts")
const providers = of("packages/cos/test/Credentials.hostile.test.ts")
const accessKeys = of("packages/cos/test/Credentials.test.ts")
const whole = of("test/transfers/upload.whole.test.ts")
const piped = of("packages/cos/test/pipe.test.ts")
const changing = of("test/transfers/upload.source.test.ts")
const served = mutantsOf("packages/cos/src", ["packages/cos/test/ServerResponse.test.ts"])
const content = of("packages/cos/test/fileContent.test.ts")
const sources = of("test/transfers/upload.source.test.ts")
const targets = of("test/transfers/download.target.test.ts")
const selections = of("packages/cos/test/selection.test.ts")
const leases = of("packages/cos/test/leases.test.ts")
const stores = of("test/transfers/hanging.test.ts")
const kept = of("test/transfers/controlled.unwritten.test.ts")
const aborts = of("test/transfers/upload.abort.test.ts")
const states = of("test/transfers/sync.changes.test.ts")
const callbacks = of("test/transfers/callbacks.test.ts")

export const sdk: ReadonlyArray<Mutant> = [
  // requests end, and carry what was given
  limits(
    "a document may drip for ever",
    "http/responseBody.ts",
    "Duration.subtract(limit, Duration.millis(now() - began))",
    "limit"
  ),
  limits(
    "limits follow the clock on the wall",
    "time/monotonic.ts",
    "Number((clock.unsafeCurrentTimeNanos() + 500_000n) / 1_000_000n)",
    "clock.unsafeCurrentTimeMillis()"
  ),
  limits(
    "a limit waits for what cannot be interrupted",
    "http/timeLimit.ts",
    "Effect.forkDaemon(Effect.interruptible(self(limited.extend)))",
    "Effect.forkDaemon(self(limited.extend))"
  ),
  requests("values of headers have blanks at their ends", "encoding/text.ts", "&& !/^[\\t ]|[\\t ]$/.test(text)", ""),
  bodies("a length is any number", "operation/codecs.ts", "Schema.pattern(/^\\d+$/)", "Schema.pattern(/./)"),
  // secrets
  secrets(
    "what others say is handed on",
    "http/redact.ts",
    "onFail: (error) => Cause.fail(redactError(error, redact)),",
    "onFail: (error) => Cause.fail(error),"
  ),
  // providers of access keys
  providers(
    "a provider's defect is one of the call",
    "credentials/guard.ts",
    'Effect.catchAllCause(Effect.suspend(self), (cause) => Effect.fail(errorOf("Credentials", "", cause)))',
    "Effect.suspend(self)"
  ),
  providers(
    "a provider may take its time",
    "time/runBounded.ts",
    "Effect.timeoutFail(Effect.disconnect(self), {",
    "Effect.timeoutFail(Effect.uninterruptible(self), {"
  ),
  accessKeys(
    "an access key may be empty",
    "credentials/accessKey.ts",
    "if (!isText(secretId)) return",
    "if (false) return"
  ),
  // what a browser gets
  served(
    "decoded bytes have the headers of coded ones",
    "ServerResponse.ts",
    "isDecoded(headers, rawBody) ? forwardedHeaders.filter",
    "headers.etag === null ? forwardedHeaders.filter"
  ),
  served(
    "a range of coded bytes is passed on",
    "ServerResponse.ts",
    "found.response.status === 206 && isDecoded",
    "found.response.status === 0 && isDecoded"
  ),
  served("a range is read under If-Range", "ServerResponse.ts", '"if-range" in headers', '"if-range-" in headers'),
  // what is read is what is stored
  content("a file is read at once", "file/fileContent.ts", "filled + largestRead", "buffer.byteLength"),
  sources(
    "a short read is the end",
    "file/fileContent.ts",
    "if (filled === buffer.byteLength) return",
    "if (filled >= buffer.byteLength - 1) return"
  ),
  sources(
    "a time that is set back hides a change",
    "file/fileFingerprint.ts",
    '(field !== "ctime" || before.ctime !== undefined)',
    'field !== "ctime"'
  ),
  sources(
    "a file that says it is empty is empty",
    "transfer/upload/source.ts",
    "content.byteLength > 0 ?",
    "content.byteLength < 0 ?"
  ),
  // targets
  targets(
    "a replaced file gets another mode",
    "transfer/download/target.ts",
    "isOwned ? mode & 0o7777",
    "isOwned ? 0o644"
  ),
  targets(
    "a checkpoint names any file as temporary",
    "transfer/download/temporaryFile.ts",
    "directoryOf(temporaryPath) === directoryOf(target.path) && isTemporaryName(nameOf(temporaryPath))",
    'temporaryPath !== "" && target.path !== ""'
  ),
  // patterns
  selections(
    "an empty pattern is none",
    "transfer/tree/glob.ts",
    'if (pattern === "") refuse',
    'if (pattern === "/") refuse'
  ),
  // checkpoints
  leases(
    "a lease follows the clock on the wall",
    "transfer/leases.ts",
    "while ((yield* monotonicMillis) - since",
    "while ((yield* Clock.currentTimeMillis) - since"
  ),
  leases(
    "who stood still is an owner",
    "transfer/leases.ts",
    "if (now - lastBeat > leaseNanos) isLost = true",
    "if (now - lastBeat < 0n) isLost = true"
  ),
  leases("an owner that cannot be seen is dead", "transfer/leases.ts", 'if (now.value !== first) return "alive"', ""),
  stores("a store may take its time", "transfer/checkpointStore.ts", "Duration.seconds(5)", "Duration.minutes(10)"),
  stores(
    "an interrupt waits for a file system",
    "transfer/interruptLimit.ts",
    "Duration.seconds(20)",
    "Duration.minutes(10)"
  ),
  kept(
    "what was acknowledged is found",
    "transfer/confirmSaved.ts",
    'isThere ? "found" : "lost"',
    'isThere ? "found" : "found"'
  ),
  kept("a queue needs no record", "transfer/queue.ts", "findable: writer.findable,", ""),
  states(
    "a state takes the place of what cannot be read",
    "transfer/sync/stateFile.ts",
    "if (Either.isLeft(read) && !isNew)",
    'if (Either.isLeft(read) && file === "")'
  ),
  states(
    "a state takes the place of a link",
    "transfer/sync/stateFile.ts",
    "if (Option.isNone(yield* Effect.option(fs.readLink(absolute))))",
    'if (absolute !== "")'
  ),
  // uploads of others
  aborts(
    "a lost initiate aborts what it finds",
    "transfer/upload/session.ts",
    "if (soleWriter) return",
    "if (first !== undefined) return"
  ),
  // callbacks
  callbacks(
    "a callback holds up the end",
    "progress/listener.ts",
    "callLimit = Duration.seconds(10)",
    "callLimit = Duration.hours(1)"
  ),
  // one request that is read while it is sent
  piped(
    "the end of a stream is sent before its length is known",
    "transfer/upload/pipe.ts",
    "isEnded || at + 1 < dropped + pieces.length",
    "isEnded || at < dropped + pieces.length"
  ),
  whole(
    "a paused request is not looked for",
    "transfer/upload/wholeObject.ts",
    "|| !mayBeStored) return",
    "|| size >= 0) return"
  ),
  whole(
    "a response that has arrived does not count",
    "transfer/controlled.ts",
    "if (this.stored !== undefined)",
    "if (false)"
  ),
  changing(
    "the end of a file is sent before it is compared",
    "transfer/upload/wholeObject.ts",
    "{ beforeLast: source.verify }",
    "{}"
  )
]
