/** Codes that share a class, which then has the name of another code or of none. */
export const tagsOfCodes: { readonly [code: string]: string } = {
  NoSuchTagSetError: "NoSuchTagSet",
  NoSuchPolicy: "NoSuchBucketPolicy",
  NoSuchPolicyVersion: "NoSuchBucketPolicy",
  SignatureDoesNotMatch: "AuthenticationFailed",
  InvalidAccessKeyId: "AuthenticationFailed",
  ExpiredToken: "AuthenticationFailed",
  RequestTimeTooSkewed: "AuthenticationFailed",
  "Request has expired": "AuthenticationFailed",
  SlowDown: "Throttled",
  KmsFreqControl: "Throttled",
  InternalError: "ServerFault",
  ServiceUnavailable: "ServerFault",
  KmsInternalException: "ServerFault"
}

/** The `_tag` of the class for a code, if there is one. */
export const tagOf = (code: string): string => (Object.hasOwn(tagsOfCodes, code) ? (tagsOfCodes[code] as string) : code)
