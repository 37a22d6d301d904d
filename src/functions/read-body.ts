import type { HttpRequest } from '@azure/functions'

/**
 * Reads a request's body; returns undefined as soon as it exceeds `most` bytes, without reading the rest. Not with `arrayBuffer()`,
 * which has no limit, nor with `for await`, which takes 5 µs of the 140 µs that an answer takes.
 */
export async function readBody({ body }: Pick<HttpRequest, 'body'>, most: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = body?.getReader()
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    chunks.push(read.value)
    length += read.value.byteLength
    if (length > most) {
      await reader?.cancel()
      return undefined
    }
  }
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, length)
}
