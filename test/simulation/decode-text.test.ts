import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeText } from '../../src/simulation/decode-text.ts'

const text = '"Zeit";"CPU für alle"\r\n"2026-01-05 08:00";"45,2 %"\r\n'

function utf16(isBigEndian: boolean, mark: boolean): Buffer {
  const bytes = Buffer.from(mark ? `\uFEFF${text}` : text, 'utf16le')
  return isBigEndian ? bytes.swap16() : bytes
}

const cases: { name: string; bytes: Uint8Array }[] = [
  { name: 'UTF-8', bytes: Buffer.from(text) },
  { name: 'UTF-8 with a byte order mark', bytes: Buffer.from(`\uFEFF${text}`) },
  { name: 'UTF-16 LE with a byte order mark, as PowerShell 5 writes it', bytes: utf16(false, true) },
  { name: 'UTF-16 LE without one', bytes: utf16(false, false) },
  { name: 'UTF-16 BE with a byte order mark', bytes: utf16(true, true) },
  { name: 'UTF-16 BE without one', bytes: utf16(true, false) },
]

for (const { name, bytes } of cases) test(`${name} is read`, () => assert.equal(decodeText(bytes), text))

test('an empty file gives an empty text', () => assert.equal(decodeText(new Uint8Array()), ''))
