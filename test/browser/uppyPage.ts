/** A test page with Uppy as it comes from npm: the same source is bundled with version 5 and with version 6. */
import AwsS3 from "@uppy/aws-s3"
import Uppy from "@uppy/core"

const upload = async (name: string, mebibytes: number, inParts: boolean, metadata: Record<string, string>) => {
  const uppy = new Uppy()
  const endpoint = location.origin
  // Version 5 calls it `endpoint`, version 6 `companionEndpoint`.
  const options = { endpoint, companionEndpoint: endpoint, shouldUseMultipart: inParts, allowedMetaFields: ["caption"] }
  Reflect.apply(uppy.use, uppy, [AwsS3, options])
  uppy.addFile({
    name,
    type: "image/png",
    data: new Blob([new Uint8Array(mebibytes * 1024 * 1024).fill(7)]),
    meta: metadata
  })
  const result = await uppy.upload()
  return {
    successful: result?.successful?.length ?? 0,
    errors: (result?.failed ?? []).map(({ error }) => String(error)),
    location: result?.successful?.[0]?.uploadURL
  }
}

Object.assign(globalThis, { upload })
document.body.dataset.ready = "true"
