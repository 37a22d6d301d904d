import { readFileSync } from 'node:fs'

/** The text of a notification as it is posted. */
export const readPayload = (name: string) => readFileSync(new URL(`${name}.json`, import.meta.url), 'utf8')
