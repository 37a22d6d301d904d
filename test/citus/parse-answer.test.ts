import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as z from 'zod/mini'
import { parseAnswer } from '../../src/citus/parse-answer.ts'

const schema = z.object({ job: z.number(), nodes: z.array(z.object({ node: z.string() })) })

test('an answer of another version: citus-refused, with the fields that differ and the files to run', () => {
  const cases: [answer: unknown, where: string][] = [
    [{ job: 'one', nodes: [{ node: 'a' }, {}] }, 'job, nodes.1.node'],
    [null, 'the whole'],
  ]
  for (const [answer, where] of cases)
    assert.throws(() => parseAnswer(schema, answer, 'autoscaler.read_cluster'), {
      reason: 'citus-refused',
      message: `autoscaler.read_cluster returned a value that this app does not expect (${where}): run sql/01-autoscaler.sql and sql/02-roles.sql of the same version.`,
    })
})
