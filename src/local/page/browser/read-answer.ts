/** The answer to a notification. `reason` is undefined when it did not come from a function. */
export type Answer = {
  /** Undefined when there was no answer. */
  status: number | undefined
  text: string
  outcome: string
  reason: string | undefined
  message: string
  until: number | undefined
  workers: { from: number; to: number } | undefined
}

/** Parses `202 {"outcome":…}`; any other text becomes the message. */
export function readAnswer(answer: string): Answer {
  const [, status, text = answer] = /^(\d{3}) (.*)$/s.exec(answer) ?? []
  const fields = parse(text)
  const string = (name: string) => (typeof fields[name] === 'string' ? fields[name] : undefined)
  const { workers } = fields
  const until = string('until')
  return {
    status: status === undefined ? undefined : Number(status),
    text,
    outcome: string('outcome') ?? 'failed',
    reason: string('reason'),
    message: string('message') ?? answer,
    until: until === undefined ? undefined : Date.parse(until),
    workers: isRange(workers) ? workers : undefined,
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {} // a web page or an empty body
  }
}

const isRange = (value: unknown): value is { from: number; to: number } =>
  typeof value === 'object' && value !== null && 'from' in value && 'to' in value
