/** Whether bucket, region and endpoint are such as can be right. */
import * as Endpoint from "effect-cos/Endpoint"
import { type Settings, withoutPassword } from "../keys/settings.js"
import { type Finding, ok, skipped, warning, wrong } from "./finding.js"

const endpointFinding = ({ endpoint: { from, value } }: Settings): Finding => {
  if (value === undefined) return ok("endpoint", "COS's own")
  const shown = `${withoutPassword(value)} (${from})`
  const [, host = ""] = /^https?:\/\/([^/?#]+)/i.exec(value) ?? []
  const hasBucket = /\{bucket(?:Name)?\}/i.test(value) || /^[a-z\d][a-z\d-]*-\d+\./i.test(host)
  const plain = host.replace(/\{\w+\}/g, "x-1").toLowerCase()
  if (host === "") {
    return wrong("endpoint", "WrongEndpoint", `${shown} is no URL`, "Write http(s)://<host>[:<port>], without a path")
  }
  if (Endpoint.isServiceHost(plain) && !hasBucket) {
    return wrong(
      "endpoint",
      "PathStyle",
      `${shown} names no bucket, so that it would go into the path, which COS does not take`,
      "Leave --endpoint out, or write https://{bucket}.cos.{region}.myqcloud.com"
    )
  }
  if (Endpoint.isServiceHost(plain) && !/\{bucket/i.test(value)) {
    return warning(
      "endpoint",
      "OneBucket",
      `${shown} stands for one bucket, whichever is named`,
      "Write {bucket} in its place"
    )
  }
  return hasBucket || Endpoint.isServiceHost(plain)
    ? ok("endpoint", shown)
    : ok("endpoint", `${shown}, with the bucket in the path: for emulators and proxies`)
}

export const look = (settings: Settings): ReadonlyArray<Finding> => {
  const { bucket, region } = settings
  const ofBucket = bucket.value === undefined ? undefined : Endpoint.bucketProblem(bucket.value)
  const ofRegion = region.value === undefined ? undefined : Endpoint.regionProblem(region.value)
  const isNeeded = settings.endpoint.value === undefined || settings.endpoint.value.includes("{region}")
  return [
    endpointFinding(settings),
    region.value === undefined
      ? isNeeded
        ? wrong("region", "NoRegion", "no region is named", "Give --region or set COS_REGION, such as ap-guangzhou")
        : skipped("region", "none is named, and the endpoint needs none")
      : ofRegion === undefined
        ? ok("region", `${region.value} (${region.from})`)
        : wrong("region", "WrongRegionName", ofRegion.reason, "Write it as in the console, such as ap-guangzhou"),
    bucket.value === undefined
      ? skipped("appid", "no bucket is named: --bucket or COS_BUCKET")
      : ofBucket === undefined
        ? ok("appid", `${/\d+$/.exec(bucket.value)?.[0]}, at the end of ${bucket.value} (${bucket.from})`)
        : wrong("appid", "WrongBucketName", ofBucket.reason, "Write the whole name, with the APPID at its end")
  ]
}
