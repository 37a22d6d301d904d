/** A template or a parameter is not valid. The messages are those of Azure's engine, without line and column. */
export class TemplateError extends Error {
  override name = 'TemplateError'
}

export function invalid(message: string): never {
  throw new TemplateError(message)
}
