/**
 * @since 0.1.0
 */

/** @since 0.1.0 */
export * as Access from "./Access.js"
/** @since 0.1.0 */
export * as Command from "./Command.js"
/** @since 0.1.0 */
export * as Control from "./Control.js"
/** @since 0.1.0 */
export * as Emulator from "./Emulator.js"
/** @since 0.1.0 */
export * as Fault from "./Fault.js"
/** @since 0.1.0 */
export * as Journal from "./Journal.js"
/** @since 0.1.0 */
export * as Options from "./Options.js"
