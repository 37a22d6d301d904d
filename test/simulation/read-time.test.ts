import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readTime } from '../../src/simulation/read-time.ts'

const eight = Date.UTC(2026, 0, 5, 8) / 1000
const cases: { text: string; seconds?: number; isLocal?: boolean }[] = [
  { text: '1767600000', seconds: eight },
  { text: '1767600000000', seconds: eight },
  { text: '2026-01-05T08:00:00Z', seconds: eight },
  { text: '2026-01-05T08:00:00.000+00:00', seconds: eight },
  { text: '2026-01-05 09:00 +0100', seconds: eight },
  { text: '2026-01-05 08:00:00 UTC', seconds: eight },
  { text: '2026-01-05 08:00:00', seconds: eight, isLocal: true },
  { text: '2026-01-05 08:00:00,250', seconds: eight + 0.25, isLocal: true },
  { text: '2026/01/05 8:00 AM', seconds: eight, isLocal: true },
  { text: '05.01.2026 08:00', seconds: eight, isLocal: true },
  { text: '5.1.2026 8:00:00', seconds: eight, isLocal: true },
  { text: '2026-01-05 12:00:00 PM', seconds: eight + 4 * 3600, isLocal: true },
  { text: '2026-01-05 12:00 am', seconds: eight - 8 * 3600, isLocal: true },
  { text: '2026-01-05', seconds: eight - 8 * 3600, isLocal: true },
  { text: '2026-01-05 13:00 PM' },
  { text: '2026-01-05 24:30' },
  { text: '1/5/2026 08:00' },
  { text: '2026-02-30' },
  { text: '31.02.2026 08:00' },
  { text: 'noon' },
  { text: '' },
]

for (const { text, seconds, isLocal = false } of cases)
  test(`${JSON.stringify(text)} is ${seconds === undefined ? 'no time' : `a ${isLocal ? 'local ' : ''}time`}`, () =>
    assert.deepEqual(readTime(text), seconds === undefined ? undefined : { seconds, isLocal }))
