import type { HttpRequest } from '@azure/functions'

/**
 * Reads a request's body, or undefined as soon as it is longer than `most` bytes: what comes after is never taken in. By hand, since
 * `arrayBuffer()` knows no limit and `for await` costs a held answer 5 µs of 140.
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
