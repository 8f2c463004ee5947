/** Whether a server of the user's own, asked again, may answer otherwise. */
export const isTransientStatus = (status: number): boolean => status >= 500 || status === 408 || status === 429
