/** Stands for the ETag of a part that a browser hides, until it is looked up. */
export const hiddenETag = ""
