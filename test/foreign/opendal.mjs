/**
 * OpenDAL, a client in Rust with a signer of its own, from npm: COS's own host names, the proxy variable. Prints one line
 * of JSON.
 */
import { request } from "node:http"
import { Operator } from "opendal"

const { COS_BUCKET, COS_REGION, COS_SECRET_ID, COS_SECRET_KEY } = process.env
const operator = new Operator("cos", {
  bucket: COS_BUCKET,
  endpoint: `http://cos.${COS_REGION}.myqcloud.com`,
  secret_id: COS_SECRET_ID,
  secret_key: COS_SECRET_KEY,
  disable_config_load: "true"
})

/** Through the proxy, by hand: `fetch` knows of none in Node 20. */
const fetched = ({ headers, method, url }, body) =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(process.env.HTTP_PROXY)
    request({ host: hostname, port, method, path: url, headers: { ...headers, host: new URL(url).host } }, (answer) => {
      const chunks = []
      answer.on("data", (chunk) => chunks.push(chunk))
      answer.on("end", () => resolve(Buffer.concat(chunks).toString()))
    })
      .on("error", reject)
      .end(body)
  })

await operator.write("目录/a b+c%!'()*~.txt", Buffer.from("hello world!"))
const stat = await operator.stat("目录/a b+c%!'()*~.txt")
const text = (await operator.read("目录/a b+c%!'()*~.txt")).toString()

const writer = await operator.writer("parts", { chunk: 1048576n })
for (let part = 0; part < 3; part++) await writer.write(Buffer.alloc(1048576, part))
await writer.write(Buffer.from("tail"))
await writer.close()
const reader = await operator.reader("parts")
const head = Buffer.alloc(16)
await reader.read(head)

await operator.copy("parts", "copied")
const listed = (await operator.list("", { recursive: true })).map((entry) => entry.path())
const missing = await operator.read("nothing").then(
  () => "read",
  (error) => /NotFound/.test(error.message)
)
await fetched(await operator.presignWrite("presigned", 60), "by URL")
const presigned = await fetched(await operator.presignRead("presigned", 60))

await operator.write("log", Buffer.from("one "), { append: true })
await operator.write("log", Buffer.from("two"), { append: true })
const appended = (await operator.read("log")).toString()

await operator.createDir("tree/branch/")
await operator.write("tree/branch/leaf", Buffer.from("leaf"))
const tree = (await operator.list("tree/", { recursive: true })).map((entry) => entry.path()).sort()
await operator.removeAll("tree/")
await operator.delete("copied")
const existsAfter = await operator.isExist("copied")
console.log(
  JSON.stringify({
    length: String(stat.contentLength),
    eTag: stat.etag,
    text,
    head: head.toString("hex"),
    listed: listed.sort(),
    missing,
    presigned,
    appended,
    tree,
    existsAfter: [existsAfter, await operator.isExist("tree/branch/leaf")]
  })
)
