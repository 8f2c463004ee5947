/**
 * Which requests go to STS rather than to COS.
 */
import type { Request } from "../http/message.js"
import type { HostRoute } from "../http/target.js"

const stsHost = /^sts(?:\.[a-z0-9-]+)?\.tencentcloudapi\.com$/

/** Whether a Host is one of STS's own. */
export const isStsHost = (host: string): boolean =>
  host.length <= 260 && stsHost.test(host.toLowerCase().replace(/:\d+$/, "").replace(/\.$/, ""))

/**
 * Whether a request is for STS: by its host, or, on a host that is none of COS's, by what only requests to STS have. COS
 * has nothing at `/` there but the list of buckets.
 */
export const isStsRequest = (
  { headers, host, method, target }: Request,
  routeOf: (host: string) => HostRoute | undefined
): boolean => {
  if (isStsHost(host)) return true
  const isLikeOne =
    /^\/(?:$|\?)/.test(target) &&
    (headers["x-tc-action"] !== undefined ||
      (method === "POST" && /^application\/x-www-form-urlencoded/i.test(headers["content-type"] ?? "")) ||
      (method === "GET" && /[?&]Action=/.test(target)))
  if (!isLikeOne) return false
  const route = routeOf(host)
  return route === undefined || (route.endpoint === "custom" && route.bucket === undefined)
}
