import assert from 'node:assert/strict'
import test from 'node:test'
import { expandVariables, fillPlaceholders, MissingVariables } from '../../../grafana/apply/expand-variables.ts'

const variables = { HOST: 'db', PASSWORD: 'a$b$HOST', EMPTY: '', CLUSTER_NAME: 'citus' }

const cases: [text: string, expanded: string][] = [
  ['$HOST:5432', 'db:5432'],
  ['${HOST}name', 'dbname'],
  ['$PASSWORD', 'a$b$HOST'],
  ['costs $$5 and $$HOST', 'costs $5 and $HOST'],
  ['[$EMPTY]', '[]'],
  ['$5 $ {HOST}', '$5 $ {HOST}'],
]
for (const [text, expanded] of cases)
  test(`"${text}" becomes "${expanded}", as in Grafana's files`, () => {
    assert.equal(expandVariables(text, variables), expanded)
  })

test('values are expanded at any depth, names of fields are not', () => {
  assert.deepEqual(expandVariables({ $HOST: [{ a: '$HOST' }, 1, null] }, variables), { $HOST: [{ a: 'db' }, 1, null] })
})

test('every variable that is not set is named', () => {
  assert.throws(
    () => expandVariables(['$B', '${A}', '$HOST', '$A'], variables),
    (error) => error instanceof MissingVariables && error.names.join() === 'A,B',
  )
})

test("only the four placeholders are filled, and Grafana's own variables stay", () => {
  const model = {
    rawSql: '$__timeFrom() ${HOST} $CLUSTER_NAME',
    name: '${CLUSTER_NAME}-c',
    most: '${SCALE_OUT_MAX_WORKERS}',
  }
  assert.deepEqual(fillPlaceholders(model, variables), {
    rawSql: '$__timeFrom() ${HOST} $CLUSTER_NAME',
    name: 'citus-c',
    most: '20',
  })
})
