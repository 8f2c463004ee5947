import * as PlatformError from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Path from "@effect/platform/Path"
import { describe, expect, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { CredentialsError } from "effect-cos/CosError"
import * as Credentials from "effect-cos/Credentials"
import * as Profile from "effect-cos/Profile"

const unreadable = Symbol("unreadable")
type Files = { readonly [path: string]: unknown }

const world = (
  files: Files,
  options: { readonly env?: { readonly [name: string]: string }; readonly respond?: (url: string) => string } = {}
) => {
  const systemError = (reason: "NotFound" | "PermissionDenied", path: string) =>
    new PlatformError.SystemError({ reason, module: "FileSystem", method: "readFileString", pathOrDescriptor: path })
  const read = (path: string) =>
    path in files
      ? files[path] === unreadable
        ? Effect.fail(systemError("PermissionDenied", path))
        : Effect.succeed(typeof files[path] === "string" ? (files[path] as string) : JSON.stringify(files[path]))
      : Effect.fail(systemError("NotFound", path))
  const http = HttpClient.make((request, url) =>
    Effect.sync(() =>
      HttpClientResponse.fromWeb(
        request,
        new Response(options.respond?.(String(url)) ?? "", { status: options.respond === undefined ? 404 : 200 })
      )
    )
  )
  return <A, E>(self: Effect.Effect<A, E, FileSystem.FileSystem | Path.Path | HttpClient.HttpClient>) =>
    self.pipe(
      Effect.provide([
        FileSystem.layerNoop({ readFileString: read }),
        Path.layer,
        Layer.succeed(HttpClient.HttpClient, http)
      ]),
      Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(options.env ?? { HOME: "/home/me" }))))
    )
}

const plain = (key: Option.Option<Credentials.AccessKey>) =>
  Option.match(key, {
    onNone: () => "none",
    onSome: ({ expiresAt, secretId, secretKey, token }) =>
      [secretId, Redacted.value(secretKey), token && Redacted.value(token), expiresAt?.toISOString()]
        .filter((part) => part !== undefined)
        .join(" ")
  })

const dir = "/home/me/.tccli"

describe("Profile", () => {
  it.effect("reads the access key and the region of a profile", () =>
    Effect.gen(function* () {
      const files = {
        [`${dir}/default.credential`]: { secretId: "AKID", secretKey: "SECRET" },
        [`${dir}/default.configure`]: { _sys_param: { region: "ap-guangzhou" }, cvm: { version: "2017-03-12" } },
        [`${dir}/login.credential`]: {
          type: "oauth",
          secretId: "AKID2",
          secretKey: "S2",
          token: "T2",
          expiresAt: 1_700_000_000
        },
        [`${dir}/old.credential`]: `\ufeff{"secretId":"AKID3","secretKey":"S3","token":""}`,
        [`${dir}/old.configure`]: { region: "ap-beijing" }
      }
      const found = yield* Profile.read().pipe(world(files))
      expect(Option.getOrThrow(found)).toMatchObject({
        name: "default",
        file: `${dir}/default.credential`,
        region: "ap-guangzhou",
        role: undefined,
        usesInstanceRole: false
      })
      expect(plain(yield* Profile.provider().pipe(world(files)))).toBe("AKID SECRET")
      expect(plain(yield* Profile.provider({ name: "login" }).pipe(world(files)))).toBe(
        "AKID2 S2 T2 2023-11-14T22:13:20.000Z"
      )
      expect(plain(yield* Profile.provider({ name: "old" }).pipe(world(files)))).toBe("AKID3 S3")
      expect(Option.getOrThrow(yield* Profile.read({ name: "old" }).pipe(world(files))).region).toBe("ap-beijing")
      const env = { HOME: "/home/me", TCCLI_PROFILE: "login" }
      expect(Option.getOrThrow(yield* Profile.read().pipe(world(files, { env }))).name).toBe("login")
      expect(JSON.stringify(found)).not.toContain("SECRET")
    })
  )

  it.effect("is none where there is no file, and where nobody has a home", () =>
    Effect.gen(function* () {
      expect(yield* Profile.read({ name: "a" }).pipe(world({}))).toStrictEqual(Option.none())
      expect(yield* Profile.read().pipe(world({}, { env: {} }))).toStrictEqual(Option.none())
      const files = { "/u/.tccli/default.configure": { _sys_param: {} } }
      expect(yield* Profile.provider().pipe(world(files, { env: { USERPROFILE: "/u" } }))).toStrictEqual(Option.none())
      const elsewhere = { "/etc/keys/a.credential": { secretId: "AKID", secretKey: "S" } }
      expect(plain(yield* Profile.provider({ name: "a", directory: "/etc/keys" }).pipe(world(elsewhere)))).toBe(
        "AKID S"
      )
    })
  )

  it.effect.each<readonly [title: string, content: unknown, message: string]>([
    ["no JSON", "secretId = AKID", "a.credential is not JSON"],
    ["a list", [], "a.credential is not a JSON object"],
    ["half a key", { secretId: "AKID" }, "a.credential: secretKey is not set, though secretId is"],
    ["the other half", { secretKey: "SECRET" }, "a.credential: secretId is not set, though secretKey is"],
    ["a number", { secretId: 1, secretKey: "SECRET" }, "a.credential: secretId must be text"],
    ["no time", { secretId: "A", secretKey: "SECRET", expiresAt: "soon" }, "a.credential: expiresAt must be a time"],
    ["no right to read it", unreadable, "a.credential cannot be read (PermissionDenied)"],
    [
      "a role without a key",
      { "role-arn": "qcs::cam::uin/1:roleName/r" },
      "a.credential: role-arn needs secretId and secretKey"
    ]
  ])("fails with the file and the field, never the secret: %s", ([, content, message]) =>
    Effect.gen(function* () {
      const error = yield* Profile.provider({ name: "a" }).pipe(
        world({ [`${dir}/a.credential`]: content }),
        Effect.flip
      )
      expect(error).toBeInstanceOf(CredentialsError)
      expect(error.message).toContain(`${dir}/${message}`)
      expect(error.message).not.toContain("SECRET")
    })
  )

  it.effect.each(["", "\n", "{", '{"secretId": "AKID", "secretK', '\ufeff{"secretId": "AKID",\n'])(
    "a file that is still being written may be whole when it is read again: %j",
    (unfinished) =>
      Effect.gen(function* () {
        const read = Profile.provider({ name: "a" }).pipe(world({ [`${dir}/a.credential`]: unfinished }))
        const error = yield* Effect.flip(read)
        expect(error).toMatchObject({ _tag: "CredentialsError", transient: true })
        expect(error.message).not.toContain("secretId")
      })
  )

  it.effect.each(["secretId = AKID", '{"secretId": }', "[", "{]}"])(
    "what is no JSON however it goes on is not: %j",
    (text) =>
      Effect.gen(function* () {
        const found = yield* Profile.provider({ name: "a" }).pipe(world({ [`${dir}/a.credential`]: text }), Effect.flip)
        expect(found).toMatchObject({ _tag: "CredentialsError", transient: false })
      })
  )

  it.effect("lists the names of those that have an access key", () =>
    Effect.gen(function* () {
      const inHome = (readDirectory: (path: string) => ReturnType<FileSystem.FileSystem["readDirectory"]>) =>
        Profile.list().pipe(
          Effect.provide([FileSystem.layerNoop({ readDirectory }), Path.layer]),
          Effect.withConfigProvider(ConfigProvider.fromMap(new Map([["HOME", "/home/me"]])))
        )
      const failed = (reason: "NotFound" | "PermissionDenied") => () =>
        Effect.fail(
          new PlatformError.SystemError({
            reason,
            module: "FileSystem",
            method: "readDirectory",
            pathOrDescriptor: dir
          })
        )
      const files = [
        "default.credential",
        "b.credential",
        "b.configure",
        "only.configure",
        "a b.credential",
        "...credential"
      ]
      expect(yield* inHome((path) => Effect.succeed(path === dir ? files : []))).toEqual(["b", "default"])
      expect(yield* inHome(failed("NotFound"))).toEqual([])
      expect((yield* Effect.flip(inHome(failed("PermissionDenied")))).message).toContain(
        `${dir} cannot be read (PermissionDenied)`
      )
    })
  )

  it.effect("refuses names that lead elsewhere", () =>
    Effect.gen(function* () {
      for (const name of ["../a", "", "..", "a/b", "a\0"]) {
        const error = yield* Profile.read({ name }).pipe(world({}), Effect.flip)
        expect(error.message).toMatch(/name of a profile/)
      }
    })
  )

  it.effect("asks the instance, and assumes a role, where the profile says so", () =>
    Effect.gen(function* () {
      const files = {
        [`${dir}/vm.credential`]: { type: "cvm-role" },
        [`${dir}/role.credential`]: {
          secretId: "AKID",
          secretKey: "SECRET",
          "role-arn": "qcs::cam::uin/100000000001:roleName/reader",
          "role-session-name": "me"
        }
      }
      const metadata = (url: string) =>
        url.endsWith("/credentials/")
          ? "vmrole"
          : JSON.stringify({ TmpSecretId: "TMP", TmpSecretKey: "KEY", Token: "TOKEN", ExpiredTime: 1_700_000_000 })
      const vm = yield* Profile.provider({ name: "vm" }).pipe(
        world(files, { env: { HOME: "/home/me" }, respond: metadata })
      )
      expect(plain(vm)).toMatch(/^TMP KEY TOKEN/)
      const sts = () =>
        JSON.stringify({
          Response: {
            Credentials: { TmpSecretId: "ROLE", TmpSecretKey: "KEY", Token: "TOKEN" },
            ExpiredTime: 1_700_007_200,
            RequestId: "1"
          }
        })
      const role = yield* Profile.provider({ name: "role" }).pipe(
        world(files, { env: { HOME: "/home/me" }, respond: sts })
      )
      expect(plain(role)).toMatch(/^ROLE KEY TOKEN/)
    })
  )
})

describe("Credentials.search", () => {
  const none: Credentials.Provider = Effect.succeedNone
  const key = (secretKey: string): Credentials.Provider =>
    Effect.sync(() => Credentials.accessKey({ secretId: "AKID", secretKey }))
  const outcomes = (found: Credentials.SearchResult) => found.sources.map(({ name, outcome }) => `${name} ${outcome}`)

  it.effect("says which source won, and what became of the others", () =>
    Effect.gen(function* () {
      const found = yield* Credentials.search([
        { name: "environment", provider: none },
        { name: "profile", provider: key("SECRET") },
        { name: "instance", provider: Effect.die("not asked") }
      ])
      expect(outcomes(found)).toEqual(["environment none", "profile found", "instance notAsked"])
      expect(plain(found.accessKey)).toBe("AKID SECRET")
      expect(outcomes(yield* Credentials.search([{ name: "environment", provider: none }]))).toEqual([
        "environment none"
      ])
    })
  )

  it.effect.each<readonly [title: string, provider: Credentials.Provider, message: RegExp]>([
    ["fails", new CredentialsError({ provider: "p", message: "half of it", transient: false }), /half of it/],
    ["dies", Effect.die(new Error("SECRET")), /died/],
    ["gives a key that no request can carry", key("SECRET\n"), /secretKey must be visible ASCII/]
  ])("ends at a source that %s", ([, provider, message]) =>
    Effect.gen(function* () {
      const found = yield* Credentials.search([
        { name: "first", provider },
        { name: "second", provider: key("OTHER") }
      ])
      expect(outcomes(found)).toEqual(["first failed", "second notAsked"])
      expect(found.accessKey).toStrictEqual(Option.none())
      expect(found.sources[0]?.error?.message).toMatch(message)
      expect(JSON.stringify(found)).not.toContain("SECRET")
    })
  )
})
