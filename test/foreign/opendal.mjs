/**
 * OpenDAL, a client in Rust with a signer of its own, from npm: COS's own host names, the proxy variable. Prints one line
 * of JSON.
 */
import { Operator } from "opendal"

const { COS_BUCKET, COS_REGION, COS_SECRET_ID, COS_SECRET_KEY } = process.env
const operator = new Operator("cos", {
  bucket: COS_BUCKET,
  endpoint: `http://cos.${COS_REGION}.myqcloud.com`,
  secret_id: COS_SECRET_ID,
  secret_key: COS_SECRET_KEY,
  disable_config_load: "true"
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
const { url } = await operator.presignRead("copied", 60).then((request) => ({ url: request.url }))
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
    presigned: url.includes("q-signature="),
    existsAfter
  })
)
