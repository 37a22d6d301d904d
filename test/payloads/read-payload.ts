import { readFileSync } from 'node:fs'

/** The body of a posted notification. */
export const readPayload = (name: string) => readFileSync(new URL(`${name}.json`, import.meta.url), 'utf8')
