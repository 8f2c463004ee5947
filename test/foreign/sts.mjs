/**
 * The official clients of STS, as they come from npm: STS's own host name, TLS, and nothing to tell them where the emulator is
 * but the proxy variables. Prints what each call gave as one line of JSON.
 */
import qcloudSts from "qcloud-cos-sts"
import { sts } from "tencentcloud-sdk-nodejs-sts"

const { COS_BUCKET: bucket, COS_REGION: region, COS_SECRET_ID: secretId, COS_SECRET_KEY: secretKey } = process.env
const roleArn = "qcs::cam::uin/100000000001:roleName/uploader"
const resource = `qcs::cos:${region}:uid/${bucket.split("-").at(-1)}:${bucket}/dir/*`
const action = ["name/cos:PutObject", "name/cos:GetObject"]
const policy = { version: "2.0", statement: [{ effect: "allow", action, resource: [resource] }] }
const scope = { action: "name/cos:PutObject", bucket, region, prefix: "dir/*" }

const results = {}
const record = async (name, promise) => {
  results[name] = await promise.then(
    (value) => value,
    (error) => ({ refused: error.Code ?? error.code ?? String(error) })
  )
}

const options = { secretId, secretKey, region, durationSeconds: 900, policy }
await record("getCredential", qcloudSts.getCredential({ ...options }))
await record("getRoleCredential", qcloudSts.getRoleCredential({ ...options, roleArn }))
await record("getPolicy", qcloudSts.getCredential({ ...options, policy: qcloudSts.getPolicy([scope]) }))
await record("another secret", qcloudSts.getCredential({ ...options, secretKey: "another" }))
await record("too long", qcloudSts.getCredential({ ...options, durationSeconds: 7201 }))

const Policy = encodeURIComponent(JSON.stringify(policy))
const credentialsOf = ({ Credentials: { Token, TmpSecretId, TmpSecretKey } }) => ({
  credentials: { tmpSecretId: TmpSecretId, tmpSecretKey: TmpSecretKey, sessionToken: Token }
})
for (const signMethod of ["TC3-HMAC-SHA256", "HmacSHA1", "HmacSHA256"]) {
  const client = new sts.v20180813.Client({ credential: { secretId, secretKey }, region, profile: { signMethod } })
  const federation = client.GetFederationToken({ Name: "page", Policy, DurationSeconds: 900 })
  await record(`GetFederationToken, ${signMethod}`, federation.then(credentialsOf))
  const role = client.AssumeRole({ RoleArn: roleArn, RoleSessionName: "page", Policy })
  await record(`AssumeRole, ${signMethod}`, role.then(credentialsOf))
  await record(`no policy, ${signMethod}`, client.GetFederationToken({ Name: "page", Policy: "{" }))
}

console.log(JSON.stringify(results))
