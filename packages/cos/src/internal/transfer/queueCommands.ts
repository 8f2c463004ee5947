/** What a queue is told to do with its transfers. */
import * as Effect from "effect/Effect"
import type { State } from "../../Controlled.js"
import type { TransferNotPausable } from "../../CosError.js"
import type { Entry, Kind, Ticket } from "../../TransferQueue.js"
import { canResume, isFinished } from "./lifecycle.js"

/** A transfer of the queue, whatever its kind. */
export interface Member {
  entry: Entry
  readonly ticket: Ticket<Kind, TransferNotPausable>
}

export type AnyTicket = Ticket<Kind, TransferNotPausable>
type Command<E = never> = (ticket: AnyTicket) => Effect.Effect<unknown, E>

const pause: Command<TransferNotPausable> = (ticket) => ticket.pause
const pauseIfPossible: Command = (ticket) => Effect.ignore(ticket.pause)
const resume: Command = (ticket) => ticket.resume
const cancel: Command = (ticket) => ticket.cancel
const remove: Command = (ticket) => ticket.remove

/** The commands of a queue, for one transfer by its id and for all. */
export const commandsOf = (members: ReadonlyMap<string, Member>) => {
  const one =
    <E>(command: Command<E>) =>
    (id: string): Effect.Effect<boolean, E> =>
      Effect.suspend(() => {
        const member = members.get(id)
        return member === undefined ? Effect.succeed(false) : Effect.as(command(member.ticket), true)
      })
  const all = (where: (state: State) => boolean, command: Command, concurrency = 16): Effect.Effect<void> =>
    Effect.suspend(() =>
      Effect.forEach(
        Array.from(members.values()).filter(({ entry }) => where(entry.state)),
        ({ ticket }) => command(ticket),
        { concurrency, discard: true }
      )
    )
  /** The waiting ones first: else they would start as soon as the running ones stop. */
  const waitingFirst = (where: (state: State) => boolean, command: Command) =>
    Effect.zipRight(
      all((state) => state === "waiting", command),
      all(where, command)
    )
  const isUnfinished = (state: State) => !isFinished(state)
  return {
    pauseWaiting: all((state) => state === "waiting", pauseIfPossible),
    public: {
      pause: one(pause),
      resume: one(resume),
      cancel: one(cancel),
      pauseAll: waitingFirst(isUnfinished, pauseIfPossible),
      resumeAll: all(canResume, resume, 1),
      cancelAll: waitingFirst(isUnfinished, cancel),
      removeAll: waitingFirst(() => true, remove),
      removeFinished: all(isFinished, remove)
    },
    remove: one(remove)
  }
}
