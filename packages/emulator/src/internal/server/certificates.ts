/**
 * The emulator's own certificate authority: generated at the start; its key never leaves the process.
 */
import { Buffer } from "node:buffer"
import { generateKeyPair, randomBytes, sign } from "node:crypto"
import { isIP } from "node:net"
import { createSecureContext, type SecureContext } from "node:tls"
import { promisify } from "node:util"
import * as Effect from "effect/Effect"
import forge from "node-forge"

/** An authority, and what it issues. */
export interface Authority {
  /** Its own certificate, PEM, for clients to trust. */
  readonly certificate: string
  /** Certificate and key of a server of these names and addresses, PEM. */
  readonly identityOf: (...names: Names) => { readonly cert: string; readonly key: string }
  /** A certificate and key for one name, ready for a handshake; cached. */
  readonly contextOf: (name: string) => SecureContext
}

type Names = readonly [string, ...ReadonlyArray<string>]

const day = 24 * 60 * 60 * 1000

const generate = promisify(generateKeyPair)

/** Node makes and uses the keys, forge only writes certificates: its own arithmetic takes seconds. */
const rsaKeys = async () => {
  const pem = await generate("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" }
  })
  return {
    pem: pem.privateKey,
    publicKey: forge.pki.publicKeyFromPem(pem.publicKey)
  }
}

type KeyPair = Awaited<ReturnType<typeof rsaKeys>>

interface CertificateFields {
  readonly subject: string
  readonly issuer: string
  readonly subjectKeys: KeyPair
  readonly issuerKeys: KeyPair
  readonly extensions: Array<object>
}

/**
 * A serial number must be positive and written without a byte too many: a first byte of 0, before one below 128, is no DER, and
 * OpenSSL refuses the certificate.
 */
export const serialNumber = (random: Uint8Array): string =>
  Buffer.from(random.map((byte, i) => (i === 0 ? (byte & 0x7f) | 0x40 : byte))).toString("hex")

/** What its types leave out. */
const { getTBSCertificate } = forge.pki as typeof forge.pki & {
  readonly getTBSCertificate: (certificate: forge.pki.Certificate) => forge.asn1.Asn1
}

/** A key as forge wants one, which signs what the certificate says with node. */
const signer = (certificate: forge.pki.Certificate, pem: string) =>
  ({
    sign: () => {
      const said = forge.asn1.toDer(getTBSCertificate(certificate)).getBytes()
      return sign("sha256", Buffer.from(said, "latin1"), pem).toString("latin1")
    }
  }) as unknown as forge.pki.rsa.PrivateKey

const issue = ({ extensions, issuer, issuerKeys, subject, subjectKeys }: CertificateFields): string => {
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = subjectKeys.publicKey
  certificate.serialNumber = serialNumber(randomBytes(16))
  // The clocks of a machine and of the container on it may differ.
  certificate.validity.notBefore = new Date(Date.now() - day)
  certificate.validity.notAfter = new Date(Date.now() + 365 * day)
  certificate.setSubject([{ name: "commonName", value: subject }])
  certificate.setIssuer([{ name: "commonName", value: issuer }])
  certificate.setExtensions(extensions)
  certificate.sign(signer(certificate, issuerKeys.pem), forge.md.sha256.create())
  return forge.pki.certificateToPem(certificate)
}

const alternative = (name: string): object => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name })

/** A new authority. */
export const make: Effect.Effect<Authority> = Effect.promise(async () => {
  const [issuerKeys, subjectKeys] = await Promise.all([rsaKeys(), rsaKeys()])
  // The name differs at every start, because some clients confuse two authorities of one name.
  const issuer = `effect-cos-emulator ${randomBytes(4).toString("hex")}`
  const certificate = issue({
    subject: issuer,
    issuer,
    subjectKeys: issuerKeys,
    issuerKeys,
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
      { name: "subjectKeyIdentifier" }
    ]
  })
  const identityOf: Authority["identityOf"] = (...names) => {
    const cert = issue({
      // A common name has at most 64 characters; the names that count are the alternative ones.
      subject: names[0].slice(0, 64),
      issuer,
      subjectKeys,
      issuerKeys,
      extensions: [
        { name: "basicConstraints", cA: false },
        { name: "keyUsage", digitalSignature: true, keyEncipherment: true, critical: true },
        { name: "extKeyUsage", serverAuth: true },
        { name: "subjectAltName", altNames: names.map(alternative) }
      ]
    })
    return { cert: `${cert}${certificate}`, key: subjectKeys.pem }
  }
  const contexts = new Map<string, SecureContext>()
  return {
    certificate,
    identityOf,
    contextOf: (name) => {
      const context = contexts.get(name) ?? createSecureContext(identityOf(name))
      contexts.set(name, context)
      return context
    }
  }
})
