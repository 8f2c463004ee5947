import * as HttpClient from "@effect/platform/HttpClient"

/** For headers that are secrets: no span shows them, and what is sent ends with the scope. */
export const quietClient = (client: HttpClient.HttpClient) =>
  HttpClient.withScope(HttpClient.withTracerDisabledWhen(client, () => true))
