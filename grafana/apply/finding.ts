/** The result of checking one thing; `problem` is undefined if it is well. `note` is information. */
export type Finding = { name: string; problem?: string | undefined; note?: string | undefined }
