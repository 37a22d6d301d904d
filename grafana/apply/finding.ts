/** The result of checking one thing; `problem` is undefined when it is well. `note` is information in either case. */
export type Finding = { name: string; problem?: string | undefined; note?: string | undefined }
