/** What each cause is called, and what to do about it. */
import type { Cause, CauseKind } from "./model.js"

const advices: { readonly [Kind in CauseKind]: string } = {
  Anonymous: "Give the client an access key, or let everyone read the bucket if that is meant.",
  BlankInSecret: "Copy the secret again without blanks, quotes and line ends around it.",
  ClockAhead: "Set the clock of this machine (NTP).",
  ClockBehind: "Set the clock of this machine (NTP).",
  DamagedRefusal: "Copy the refusal again, whole and unchanged, line ends included.",
  HeaderChanged:
    "Sign only headers that reach the service unchanged, or stop what changes it: a proxy, or the HTTP library.",
  HeaderMissing: "Send every header that was signed. A proxy, or the HTTP library, may have dropped it.",
  HostChanged:
    "Sign the host that the service gets: that of the URL, with its port. Where a CDN or proxy rewrites Host, do not sign it.",
  MalformedSignature: "Make the signature as page 436/7778 says: q-sign-algorithm=sha1 and six more fields.",
  MethodChanged: "Send the method that was signed: a presigned URL is for one method only, and HEAD is not GET.",
  NotAllowed: "Allow the action to this key by a policy of CAM or of the bucket; `Policy.allow` writes one.",
  OtherAccessKey: "Look at the access key that signed the request.",
  ParameterAdded: "Sign all parameters, or add none afterwards.",
  ParameterChanged: "Percent-encode names and values once, blanks as %20, and send what was signed.",
  ParameterMissing: "Send every parameter that was signed.",
  PathChanged: "Send the path of the object whose key was signed.",
  PathEncodedTwice: "Percent-encode each segment of the key once, when the URL is made, and not again.",
  PathNormalized: "Use a client that sends paths as they are: URL objects and some proxies remove // and dot segments.",
  PathNotDecoded: "Sign the path as it is before it is percent-encoded: `/` and the key.",
  PathStyle: "Put the bucket into the host, <bucket>.cos.<region>.myqcloud.com, and sign the path without it.",
  PlusInPath: "Send `+` in a key as %2B and a blank as %20: encodings of forms do not hold in a path.",
  SignatureExpired: "Sign again. If it was signed just now, the clock of the client is wrong.",
  TokenExpired: "Get a new temporary key; a client of this package does by itself with Credentials.layerProvider.",
  UnicodeForm: "Use one Unicode form for keys: NFC and NFD of the same letters are different keys.",
  UnknownSecretId: "Look the key up in the console: it may be deleted, disabled, mistyped, or of another site.",
  WrongSecret: "Use the secret that belongs to this id; if it is lost, make a new key.",
  WrongToken: "Send the token that came with the temporary key, and none with a permanent one."
}

export const cause = (kind: CauseKind, message: string, proven = false): Cause => ({
  kind,
  proven,
  message,
  advice: advices[kind]
})
