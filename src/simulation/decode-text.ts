/**
 * The text of a file in UTF-8, or in UTF-16 as PowerShell 5 and Excel's "Unicode text" write it. Detected by the byte order mark, or else by
 * the position of zero bytes, since a load file is mostly ASCII.
 */
export function decodeText(bytes: Uint8Array): string {
  // The decoder removes the mark.
  return new TextDecoder(encodingOf(bytes)).decode(bytes)
}

function encodingOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  const [first = 0, second = 0] = bytes
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  const start = bytes.subarray(0, 1000)
  const zeros = (parity: number) => start.filter((byte, index) => byte === 0 && index % 2 === parity).length
  const many = start.length / 4
  if (zeros(1) > many) return 'utf-16le'
  return zeros(0) > many ? 'utf-16be' : 'utf-8'
}
