/**
 * A service of your own on top of objects, with errors of its domain: those who use it know nothing of COS.
 */
import { Context, Effect, Layer, Schema } from "effect"
import { CosClient, Download } from "effect-cos"
import * as Cos from "effect-cos/Cos"

export class Note extends Schema.Class<Note>("Note")({
  title: Schema.NonEmptyString,
  text: Schema.String
}) {}

export class NoteNotFound extends Schema.TaggedError<NoteNotFound>()("NoteNotFound", { id: Schema.String }) {}

export class NoteExists extends Schema.TaggedError<NoteExists>()("NoteExists", { id: Schema.String }) {}

/** Something is wrong with the storage, which the caller can do nothing about. */
export class NotesUnavailable extends Schema.TaggedError<NotesUnavailable>()("NotesUnavailable", {
  cause: Schema.Defect
}) {}

export class Notes extends Context.Tag("Notes")<
  Notes,
  {
    readonly get: (id: string) => Effect.Effect<Note, NoteNotFound | NotesUnavailable>
    readonly create: (id: string, note: Note) => Effect.Effect<void, NoteExists | NotesUnavailable>
  }
>() {}

const keyOf = (id: string) => `notes/${encodeURIComponent(id)}.json`

export const NotesLive = Layer.effect(
  Notes,
  Effect.gen(function* () {
    const client = yield* CosClient.CosClient
    return {
      get: (id) =>
        Download.json({ key: keyOf(id) }, Note).pipe(
          Effect.catchTag("NoSuchKey", () => new NoteNotFound({ id })),
          Effect.catchIf(
            (error) => error._tag !== "NoteNotFound",
            (cause) => new NotesUnavailable({ cause })
          ),
          Effect.provideService(CosClient.CosClient, client)
        ),
      create: (id, note) =>
        Cos.putObject({
          key: keyOf(id),
          body: JSON.stringify(note),
          contentType: "application/json",
          overwrite: false
        }).pipe(
          Effect.asVoid,
          Effect.catchTag("FileAlreadyExists", () => new NoteExists({ id })),
          Effect.catchIf(
            (error) => error._tag !== "NoteExists",
            (cause) => new NotesUnavailable({ cause })
          ),
          Effect.provideService(CosClient.CosClient, client)
        )
    }
  })
)
