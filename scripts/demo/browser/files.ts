/** The files of unfinished uploads, in IndexedDB, so that they go on without being picked again. */
import * as Effect from "effect/Effect"

const request = <A>(begin: () => IDBRequest<A>): Effect.Effect<A> =>
  Effect.async((resume) => {
    const asked = begin()
    asked.onsuccess = () => resume(Effect.succeed(asked.result))
    asked.onerror = () => resume(Effect.die(asked.error))
  })

const database = Effect.suspend(() => {
  const opening = indexedDB.open("effect-cos-demo", 1)
  opening.onupgradeneeded = () => opening.result.createObjectStore("files")
  return request(() => opening)
})

const withStore = <A>(mode: IDBTransactionMode, use: (store: IDBObjectStore) => IDBRequest<A>): Effect.Effect<A> =>
  Effect.flatMap(database, (open) => request(() => use(open.transaction("files", mode).objectStore("files"))))

export const keep = (name: string, blob: Blob) => withStore("readwrite", (store) => store.put(blob, name))

export const forget = (name: string) => withStore("readwrite", (store) => store.delete(name))

export const kept = Effect.gen(function* () {
  const names = yield* withStore("readonly", (store) => store.getAllKeys())
  const blobs = yield* withStore("readonly", (store) => store.getAll())
  return names.map((name, index) => ({ name: String(name), blob: blobs[index] as Blob }))
})
