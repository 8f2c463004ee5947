/**
 * The server of the benches. It responds from memory, reads only what it must, and drains the rest, so that mainly the
 * client is measured.
 */
import { type AddressInfo, createServer, type Socket } from "node:net"
import * as Crc64 from "effect-cos/Crc64"
import { bytesAt, listPage, mebibyte, most, page, pagesOf } from "./content.js"
import { MiB, sizeOf, treeNames } from "./data.js"
import { bucket } from "./variants.js"

/** Milliseconds. */
const latency = Number(process.argv[2] ?? 0)

const head = (status: string, headers: ReadonlyArray<string>, length: number): string =>
  [
    `HTTP/1.1 ${status}`,
    "Connection: keep-alive",
    "Date: Sun, 22 Nov 2026 03:04:05 GMT",
    "x-cos-request-id: NjM3YjE0YjVfNjJiMDJhMDlfMWFjYV8yMTI5Mw==",
    ...headers,
    `Content-Length: ${length}`,
    "\r\n"
  ].join("\r\n")

/** The checksum of an object of this size. */
const crcOf = (size: number): bigint => {
  let crc = 0n
  for (let left = size; left > 0; left -= MiB) {
    const piece = mebibyte.subarray(0, Math.min(left, MiB))
    crc = Crc64.combine(crc, piece.length === MiB ? whole : Crc64.of(piece), piece.length)
  }
  return crc
}
const whole = Crc64.of(mebibyte)

const eTag = 'ETag: "d41d8cd98f00b204e9800998ecf8427e"'

const facts = (size: number): ReadonlyArray<string> => [
  eTag,
  `x-cos-hash-crc64ecma: ${crcOf(size)}`,
  "Content-Type: application/octet-stream",
  "Last-Modified: Sun, 22 Nov 2026 03:04:05 GMT"
]

/** Makes a response once for each size. */
const remember = <A>(make: (size: number) => A): ((size: number) => A) => {
  const known = new Map<number, A>()
  return (size) => {
    const found = known.get(size) ?? make(size)
    known.set(size, found)
    return found
  }
}

const stored = remember((size) => head("200 OK", facts(size).slice(0, 2), 0))
const described = remember((size) => head("200 OK", facts(size), size))
const factsOf = remember(facts)

const document = (xml: string, ...headers: ReadonlyArray<string>): string =>
  head("200 OK", ["Content-Type: application/xml", ...headers], Buffer.byteLength(xml)) + xml

const begun = document(
  "<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>k</Key><UploadId>1</UploadId></InitiateMultipartUploadResult>"
)
const noUploads = document(
  "<ListMultipartUploadsResult><Bucket>b</Bucket><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>"
)
const listed = document(page)
const empty = document(listPage("empty/", []))
const full = pagesOf("full/", treeNames).map((page) => document(page))
const fullFrom = new Map(full.map((page, i) => [i * 1000 - 1, page]))
const removed = head("204 No Content", [], 0)
const completed = remember((size) =>
  document(
    "<CompleteMultipartUploadResult><Location>l</Location><Bucket>b</Bucket><Key>k</Key><ETag>&quot;e-1&quot;</ETag>" +
      "</CompleteMultipartUploadResult>",
    `x-cos-hash-crc64ecma: ${crcOf(size)}`
  )
)

/** Writes as much at a time as the socket takes. */
const pour = (socket: Socket, offset: number, size: number): void => {
  const piece = Math.min(size, most)
  const more = socket.write(bytesAt(offset, piece))
  if (size === piece) return
  if (more) pour(socket, offset + piece, size - piece)
  else socket.once("drain", () => pour(socket, offset + piece, size - piece))
}

const get = (socket: Socket, path: string, request: string): void => {
  const total = sizeOf(path)
  const range = /\r\nrange: bytes=(\d+)-(\d+)/i.exec(request)
  const [start, end] = range === null ? [0, total - 1] : [Number(range[1]), Math.min(Number(range[2]), total - 1)]
  const size = end - start + 1
  socket.cork()
  socket.write(
    range === null
      ? head("200 OK", factsOf(total), size)
      : head("206 Partial Content", [...factsOf(total), `Content-Range: bytes ${start}-${end}/${total}`], size)
  )
  pour(socket, start, size)
  socket.uncork()
}

/** The prefix `empty/` holds nothing, `full/` all files of the tree, any other the page of 1,000 keys. */
const list = (query: string): string | undefined => {
  const parameters = new URLSearchParams(query)
  if (parameters.has("uploads")) return noUploads
  const prefix = parameters.get("prefix") ?? ""
  if (prefix === "empty/") return empty
  if (prefix !== "full/") return listed
  return fullFrom.get(treeNames.indexOf((parameters.get("marker") ?? "").slice("full/".length)))
}

/** S3 clients put the bucket before the key. */
const keyPath = (path: string): string => (path.startsWith(`/${bucket}`) ? path.slice(bucket.length + 1) || "/" : path)

const respond = (socket: Socket, request: string, sent: number): void => {
  const [method, target = ""] = request.slice(0, request.indexOf("\r\n")).split(" ")
  const [path = "", query = ""] = target.split("?")
  const key = keyPath(path)
  if (method === "PUT") socket.write(stored(sent))
  else if (method === "HEAD") socket.write(described(sizeOf(key)))
  else if (method === "DELETE") socket.write(removed)
  else if (method === "POST") socket.write(query.startsWith("uploads") ? begun : completed(sizeOf(key)))
  else if (key !== "/") get(socket, key, request)
  else socket.write(list(query) ?? head("404 Not Found", [], 0))
}

/** Reads one request after the other; no client here pipelines. */
const serve = (socket: Socket): void => {
  let request = ""
  let size = 0
  let left = 0
  socket.on("error", () => {})
  socket.on("data", (data) => {
    if (left > 0) {
      left -= data.length
    } else {
      request += data.toString("latin1")
      const end = request.indexOf("\r\n\r\n")
      if (end === -1) return
      size = Number(/\r\ncontent-length: (\d+)/i.exec(request)?.[1] ?? 0)
      left = size - (request.length - end - 4)
      // The AWS SDK waits for it for six seconds before it sends a part.
      if (left > 0 && /\r\nexpect: 100-continue\r\n/i.test(request)) socket.write("HTTP/1.1 100 Continue\r\n\r\n")
    }
    if (left > 0) return
    const whole = request
    request = ""
    if (latency === 0) respond(socket, whole, size)
    else setTimeout(() => respond(socket, whole, size), latency)
  })
}

const server = createServer({ noDelay: true }, serve)
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port))
