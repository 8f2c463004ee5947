import { describe, expect, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Endpoint from "effect-cos/Endpoint"

const bucket = "examplebucket-1250000000"
const region = "ap-guangzhou"
const host = (endpoint: Endpoint.Endpoint, target: Endpoint.Target) =>
  Either.map(Endpoint.resolve(endpoint, target), (resolved) => resolved.origin + resolved.pathPrefix)

describe("Endpoint", () => {
  const table: ReadonlyArray<readonly [string, Endpoint.Endpoint, Endpoint.Target, string]> = [
    ["standard", Endpoint.standard, { host: "bucket", bucket, region }, `https://${bucket}.cos.${region}.myqcloud.com`],
    ["standard", Endpoint.standard, { host: "bucket", bucket, region: "sg" }, `https://${bucket}.sg.myqcloud.com`],
    ["standard", Endpoint.standard, { host: "service" }, "https://service.cos.myqcloud.com"],
    ["standard", Endpoint.standard, { host: "service", bucket, region }, `https://cos.${region}.myqcloud.com`],
    [
      "standard",
      Endpoint.standard,
      { host: "processing", bucket, region },
      `https://${bucket}.ci.${region}.myqcloud.com`
    ],
    ["standard", Endpoint.standard, { host: "processing", region }, `https://ci.${region}.myqcloud.com`],
    ["accelerate", Endpoint.accelerate, { host: "bucket", bucket }, `https://${bucket}.cos.accelerate.myqcloud.com`],
    [
      "accelerate",
      Endpoint.accelerate,
      { host: "bucket", bucket, region },
      `https://${bucket}.cos.accelerate.myqcloud.com`
    ],
    ["accelerate", Endpoint.accelerate, { host: "service", region }, `https://cos.${region}.myqcloud.com`],
    [
      "accelerate",
      Endpoint.accelerate,
      { host: "processing", bucket, region },
      `https://${bucket}.ci.${region}.myqcloud.com`
    ],
    [
      "internal",
      Endpoint.internal,
      { host: "bucket", bucket, region },
      `https://${bucket}.cos-internal.${region}.tencentcos.cn`
    ],
    ["internal", Endpoint.internal, { host: "service", region }, `https://cos-internal.${region}.tencentcos.cn`],
    ["internal", Endpoint.internal, { host: "service" }, "https://service.cos.myqcloud.com"],
    [
      "backup",
      Endpoint.backupDomain,
      { host: "bucket", bucket, region },
      `https://${bucket}.cos.${region}.tencentcos.cn`
    ],
    [
      "backup",
      Endpoint.backupDomain,
      { host: "processing", bucket, region },
      `https://${bucket}.ci.${region}.tencentci.cn`
    ],
    ["backup", Endpoint.backupDomain, { host: "service" }, "https://service.cos.tencentcos.cn"],
    ["insecure", Endpoint.insecure(Endpoint.standard), { host: "service" }, "http://service.cos.myqcloud.com"],
    [
      "path",
      Endpoint.custom({ url: "http://127.0.0.1:9000" }),
      { host: "bucket", bucket },
      `http://127.0.0.1:9000/${bucket}`
    ],
    ["path", Endpoint.custom({ url: "http://127.0.0.1:9000/" }), { host: "service" }, "http://127.0.0.1:9000"],
    [
      "path",
      Endpoint.custom({ url: "http://[::1]:9000" }),
      { host: "processing", bucket, region },
      `http://[::1]:9000/${bucket}`
    ],
    [
      "default port",
      Endpoint.custom({ url: "HTTPS://COS.Example.com:443" }),
      { host: "service" },
      "https://cos.example.com"
    ],
    [
      "other port",
      Endpoint.custom({ url: "http://cos.example.com:443" }),
      { host: "service" },
      "http://cos.example.com:443"
    ],
    [
      "one bucket",
      Endpoint.custom({ url: "https://static.example.com", style: "virtual" }),
      { host: "bucket", bucket },
      "https://static.example.com"
    ],
    [
      "template",
      Endpoint.custom({ url: "http://{bucket}.cos.{region}.localhost:9000" }),
      { host: "bucket", bucket, region },
      `http://${bucket}.cos.${region}.localhost:9000`
    ],
    [
      "template",
      Endpoint.custom({ url: "http://{bucket}.cos.{region}.localhost:9000" }),
      { host: "service" },
      "http://cos.localhost:9000"
    ],
    [
      "template",
      Endpoint.custom({ url: "http://{bucket}.cos.{region}.localhost:9000" }),
      { host: "service", region },
      `http://cos.${region}.localhost:9000`
    ],
    [
      "template",
      Endpoint.custom({ url: "https://{BucketName}.{AppId}.example.com" }),
      { host: "bucket", bucket },
      "https://examplebucket.1250000000.example.com"
    ]
  ]
  for (const [name, endpoint, target, expected] of table) {
    it(`${name}: ${expected}`, () => {
      expect(host(endpoint, target)).toStrictEqual(Either.right(expected))
    })
  }

  it("host is what the Host header says", () => {
    const resolved = Either.getOrThrow(
      Endpoint.resolve(Endpoint.custom({ url: "http://127.0.0.1:9000" }), { host: "bucket", bucket })
    )
    expect(resolved).toStrictEqual({
      origin: "http://127.0.0.1:9000",
      host: "127.0.0.1:9000",
      pathPrefix: `/${bucket}`,
      hasBackup: false
    })
  })

  const backups: ReadonlyArray<readonly [string, Endpoint.Endpoint, Endpoint.Target, string | undefined]> = [
    ["a bucket", Endpoint.standard, { host: "bucket", bucket, region }, `${bucket}.cos.${region}.tencentcos.cn`],
    ["processing", Endpoint.standard, { host: "processing", bucket, region }, `${bucket}.ci.${region}.tencentci.cn`],
    ["processing without bucket", Endpoint.internal, { host: "processing", region }, `ci.${region}.tencentci.cn`],
    ["the service", Endpoint.standard, { host: "service", region }, undefined],
    ["a historic region", Endpoint.standard, { host: "bucket", bucket, region: "cn-east" }, undefined],
    ["acceleration", Endpoint.accelerate, { host: "bucket", bucket, region }, undefined],
    ["the internal network", Endpoint.internal, { host: "bucket", bucket, region }, undefined],
    ["the backup domain itself", Endpoint.backupDomain, { host: "bucket", bucket, region }, undefined],
    [
      "a custom host",
      Endpoint.custom({ url: "https://{bucket}.cos.{region}.myqcloud.com" }),
      { host: "bucket", bucket, region },
      undefined
    ]
  ]
  for (const [name, endpoint, target, expected] of backups) {
    it(`${expected === undefined ? "no backup" : "a backup"} for ${name}`, () => {
      const resolved = Either.getOrThrow(Endpoint.resolve(endpoint, target))
      const backup = Endpoint.backup(resolved)
      expect(resolved.hasBackup).toBe(expected !== undefined)
      expect(backup.hasBackup).toBe(false)
      expect(backup.host).toBe(expected ?? resolved.host)
      expect(backup.origin).toBe(`https://${backup.host}`)
    })
  }

  const problem = (endpoint: Endpoint.Endpoint, target: Endpoint.Target) =>
    Either.match(Endpoint.resolve(endpoint, target), { onLeft: ({ field }) => field, onRight: ({ host }) => host })

  it("names what is missing or malformed", () => {
    const { standard } = Endpoint
    expect(problem(standard, { host: "bucket", region })).toBe("bucket")
    expect(problem(standard, { host: "bucket", bucket })).toBe("region")
    expect(problem(standard, { host: "processing" })).toBe("region")
    expect(problem(standard, { host: "bucket", bucket, region: "cos.ap-guangzhou" })).toBe("region")
    expect(problem(Endpoint.custom({ url: "http://{bucket}.{region}.x" }), { host: "bucket", bucket })).toBe("region")
    for (const bad of [
      "",
      "examplebucket",
      "Example-1250000000",
      "-a-1",
      "a_b-1",
      "a.b-1",
      "a-1/",
      `a-1\n`,
      `${"a".repeat(62)}-1`
    ]) {
      expect(problem(standard, { host: "bucket", bucket: bad, region })).toBe("bucket")
      expect(problem(Endpoint.custom({ url: "http://127.0.0.1:9000" }), { host: "bucket", bucket: bad })).toBe("bucket")
    }
    expect(problem(standard, { host: "bucket", bucket: `${"a".repeat(61)}-1`, region })).toContain("myqcloud.com")
    for (const url of [
      "127.0.0.1:9000",
      "ftp://x",
      "http://x/base",
      "http://user:secret@x",
      "http://x?y",
      "http://{bukcet}.x",
      "http://{bucket}",
      "http://a..b",
      ""
    ]) {
      expect(problem(Endpoint.custom({ url }), { host: "service" })).toBe("endpoint")
    }
  })

  it("resolves every valid name to one host, and different buckets to different ones", () => {
    const name = FastCheck.stringMatching(/^[a-z\d][a-z\d-]{0,40}-\d{1,12}$/)
    const endpoints = [
      Endpoint.standard,
      Endpoint.accelerate,
      Endpoint.internal,
      Endpoint.custom({ url: "http://h:1" })
    ]
    FastCheck.assert(
      FastCheck.property(name, name, FastCheck.constantFrom(...endpoints), (one, other, endpoint) => {
        const url = (bucket: string) => Either.getOrThrow(host(endpoint, { host: "bucket", bucket, region }))
        expect(new URL(`${url(one)}/`).href).toBe(`${url(one)}/`)
        expect(url(one) === url(other)).toBe(one === other)
      }),
      { seed: 1, numRuns: 200 }
    )
  })
})
