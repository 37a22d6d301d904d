/** A template, or what was given to it, is wrong. The messages are those of Azure's own engine, without line and column. */
export class TemplateError extends Error {
  override name = 'TemplateError'
}

export function invalid(message: string): never {
  throw new TemplateError(message)
}
