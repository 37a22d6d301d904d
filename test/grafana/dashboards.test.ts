import assert from 'node:assert/strict'
import test from 'node:test'
import * as z from 'zod'
import { clusterKinds, readShippedFiles } from '../../grafana/apply/shipped-files.ts'

const placeSchema = z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() })

/** A heading or a text, which shows no data. */
const isPlain = ({ type }: Record<string, unknown>) => type === 'row' || type === 'text'

const panelSchema = z.looseObject({
  id: z.int(),
  type: z.string(),
  title: z.string().min(1),
  description: z.string().min(1),
  gridPos: placeSchema,
  fieldConfig: z.object({
    defaults: z.looseObject({
      unit: z.string().optional(),
      noValue: z.string().optional(),
      thresholds: z.object({ steps: z.array(z.object({ color: z.string(), value: z.number().nullable() })).min(1) }),
    }),
  }),
})

const dashboards = await Promise.all(
  clusterKinds.map(async (kind) => {
    const { dashboards } = await readShippedFiles(kind)
    return dashboards.map(({ dashboard }) => ({
      name: `${dashboard.title} of ${kind}`,
      dashboard,
      panels: dashboard.panels.flatMap((panel) => (isPlain(panel) ? [] : [panelSchema.parse(panel)])),
      places: z.array(z.looseObject({ id: z.int(), gridPos: placeSchema })).parse(dashboard.panels),
    }))
  }),
)

for (const { name, panels, places } of dashboards.flat()) {
  test(`${name}: every panel has a description, a unit, and a text for when it is empty`, () => {
    for (const { title, type, fieldConfig } of panels) {
      const { unit, noValue } = fieldConfig.defaults
      assert.ok(type === 'table' || unit, `${title} has no unit`)
      // A count is never empty.
      assert.ok(type === 'stat' || noValue, `${title} says nothing when it is empty`)
    }
  })

  test(`${name}: no two panels have the same id or overlap`, () => {
    assert.equal(new Set(places.map(({ id }) => id)).size, places.length)
    const cells = places.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    )
    assert.equal(new Set(cells).size, cells.length)
    assert.ok(places.every(({ gridPos: { x, w } }) => x + w <= 24))
  })
}

for (const { name, dashboard } of dashboards.flat())
  test(`${name}: queries use the chosen data sources, and every variable exists`, () => {
    const own = dashboard.templating.list.map((variable) => variable.name)
    const text = JSON.stringify({ ...dashboard, templating: {} })
    const uids = [...text.matchAll(/"datasource":\{"type":"[\w-]+","uid":"([^"]+)"/g)].map(([, uid]) => uid)
    assert.ok(uids.length > 5 || dashboard.panels.every(isPlain))
    for (const uid of uids) assert.match(uid ?? '', /^\$\{\w+\}$/)
    const read = [...text.matchAll(/\$(?!__)\{?(\w+)/g)].map(([, variable]) => variable ?? '')
    assert.deepEqual(
      [...new Set(read)].filter((variable) => !own.includes(variable)),
      [],
    )
  })
