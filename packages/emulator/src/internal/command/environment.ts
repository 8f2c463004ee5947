/**
 * What the command prints: how clients reach the emulator.
 */
import * as Redacted from "effect/Redacted"
import type { Control } from "../../Control.js"

/** A value that a shell and an env file read alike. */
const quoted = (value: string): string => (/\s/.test(value) ? `"${value}"` : value)

/** Lines that a shell, an env file and CI systems can read as they are. */
export const environment = (
  { address, controlEndpoint, controlToken, credentials, endpoint, region, tls }: Control,
  {
    bucket,
    certificate,
    encrypted
  }: { readonly bucket: string; readonly certificate: string; readonly encrypted: boolean }
): string => `# effect-cos
COS_ENDPOINT=${encrypted ? (tls?.endpoint ?? endpoint) : endpoint}
COS_REGION=${region}
COS_BUCKET=${bucket}
COS_SECRET_ID=${credentials.secretId}
COS_SECRET_KEY=${Redacted.value(credentials.secretKey)}
${
  controlEndpoint === undefined || controlToken === undefined
    ? "# no control port: --control-port asks for one"
    : `# where faults are set and the journal is read, with Authorization: Bearer and the token
COS_EMULATOR_CONTROL=${controlEndpoint}
COS_EMULATOR_CONTROL_TOKEN=${Redacted.value(controlToken)}`
}
# any COS client, under COS's own host names: the emulator as its proxy, trusted by curl, Python, Go and OpenSSL, and Node
HTTP_PROXY=${endpoint}
HTTPS_PROXY=${endpoint}
NO_PROXY=${address?.host}
CURL_CA_BUNDLE=${quoted(certificate)}
REQUESTS_CA_BUNDLE=${quoted(certificate)}
SSL_CERT_FILE=${quoted(certificate)}
NODE_EXTRA_CA_CERTS=${quoted(certificate)}`

/** The variables of such lines. */
export const variablesOf = (lines: string): { readonly [name: string]: string } =>
  Object.fromEntries(
    [...lines.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name = "", value = ""]) => [
      name,
      value.replace(/^"(.*)"$/, "$1")
    ])
  )

/** As a shell takes them: what it starts sees them too. */
const exported = (lines: string): string => lines.replace(/^(?=[A-Z_]+=)/gm, "export ")

/** The lines for a person at a terminal. */
export const started = (control: Control, kept: string, env: string): string => {
  // A proxy that stands for all hosts, and its certificate authority, stop npm and everything else that wants the Internet.
  const [own = "", others = ""] = env.split(/^(?=# any COS client)/m)
  return `effect-cos-emulator ${kept}

address   ${control.endpoint} (and ${control.tls?.endpoint})
control   ${control.controlEndpoint ?? "off: --control-port asks for it"}
key id    ${control.credentials.secretId}
key       ${Redacted.value(control.credentials.secretKey)}

For effect-cos, paste this into another terminal:

${exported(own).trimEnd()}

For other clients, paste this too, into a terminal in which nothing else needs the Internet (npm, for example, would fail):

${exported(others)}
# cos-nodejs-sdk-v5: the key above and these options, or the proxy variables
#   new COS({ SecretId, SecretKey, Protocol: "http:", Proxy: "${control.endpoint}" })

Ctrl-C stops it.`
}
