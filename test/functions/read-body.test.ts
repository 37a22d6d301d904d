import assert from 'node:assert/strict'
import { ReadableStream } from 'node:stream/web'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { readBody } from '../../src/functions/read-body.ts'

test('a body in any pieces is read whole up to the limit, and refused above it', async () => {
  const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(pieces, fc.integer({ min: 0, max: 100 }), async (chunks, most) => {
      const whole = Buffer.concat(chunks)
      const read = await readBody({ body: ReadableStream.from(chunks) }, most)
      if (whole.length > most) assert.equal(read, undefined)
      else assert.deepEqual(Buffer.from(read ?? 'cut off'), whole)
    }),
  )
})

test('a request without a body reads as empty', async () => {
  assert.equal((await readBody({ body: null }, 10))?.length, 0)
})

test('an endless body is read only up to the limit, then cancelled', async () => {
  let sent = 0
  let cancelled = false
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 10
      controller.enqueue(new Uint8Array(10))
    },
    cancel() {
      cancelled = true
    },
  })
  assert.equal(await readBody({ body: endless }, 100), undefined)
  assert.equal(cancelled, true)
  // The stream reads one piece ahead.
  assert.ok(sent <= 120, `${sent} bytes were taken`)
})
