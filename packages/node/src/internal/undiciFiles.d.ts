/** The files of undici that hold one class each. */

declare module "undici/lib/dispatcher/agent.js" {
  export { Agent as default } from "undici/index.js"
}

declare module "undici/lib/dispatcher/client.js" {
  export { Client as default } from "undici/index.js"
}

declare module "undici/lib/dispatcher/pool.js" {
  export { Pool as default } from "undici/index.js"
}
