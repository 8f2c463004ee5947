/**
 * Which addresses and host names are those of this machine alone.
 */
import { BlockList, isIP } from "node:net"

const loopback = new BlockList()
loopback.addSubnet("127.0.0.0", 8, "ipv4")
loopback.addAddress("::1", "ipv6")

/** Whether an address is a loopback address; IPv4 addresses may be mapped to IPv6. */
export const isLoopbackAddress = (address: string | undefined): boolean => {
  const version = isIP(address ?? "")
  return address !== undefined && version !== 0 && loopback.check(address, version === 6 ? "ipv6" : "ipv4")
}

/** The name in a Host header, in lower case and without port and brackets; `undefined` when there is none. */
export const hostName = (header: string | undefined): string | undefined => {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^\s:/?#@[\],]+))(?::\d{1,5})?$/i.exec(header ?? "")
  return (match?.[1] ?? match?.[2])?.toLowerCase()
}

/** Whether a host name cannot lead to another machine. A name that DNS resolves can, whatever it resolves to now. */
export const isLoopbackName = (name: string): boolean => name === "localhost" || isLoopbackAddress(name)
