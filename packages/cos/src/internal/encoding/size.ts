/** Bytes: the most that one request may store, 5 GiB: an object, a part, a copy, the file of a form. */
export const maxRequestBytes = 5 * 1024 ** 3
