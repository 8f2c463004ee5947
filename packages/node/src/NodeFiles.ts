/**
 * Node's file system, with what makes transfers of small files cheap.
 *
 * @since 0.1.0
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node-shared/NodeFileSystem"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { CosFileSystem } from "effect-cos/CosFileSystem"
import * as fileSteps from "./internal/fileSteps.js"

/**
 * The platform's `FileSystem` for Node, and its steps. `NodeCos.layer` has it.
 *
 * A `FileSystem` of your own, provided instead, sees every call: then the steps are not used.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<FileSystem.FileSystem | CosFileSystem> = Layer.provideMerge(
  Layer.effect(CosFileSystem, Effect.map(FileSystem.FileSystem, fileSteps.make)),
  NodeFileSystem.layer
)
