/**
 * Where the keys come from.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Layer from "effect/Layer"
import type { CredentialsError } from "effect-cos/CosError"
import * as Credentials from "effect-cos/Credentials"
import type { Globals } from "../contract/globals.js"

/** The keys to sign with, as the options and the environment say. */
export const layer = (
  _globals: Globals.Values
): Layer.Layer<Credentials.Credentials, CredentialsError, HttpClient.HttpClient> => Credentials.layerEnv
