import { element } from './element.ts'
import type { Model, Sample } from './model.ts'

const colors = 6
let shown = ''

/** The workers with their CPU and shard groups. The colour is that of a shard group's first worker; moving shard groups are marked. */
export function showWorkers(place: HTMLElement, { samples }: Model): void {
  const sample = samples.at(-1)
  if (!sample) return
  const key = JSON.stringify([sample.workers, sample.moves])
  if (key === shown) return
  shown = key
  const first = homes(samples[0])
  const most = Math.max(...sample.workers.map(({ groups }) => groups.length))
  place.style.setProperty('--most', String(Math.max(most + 1, 16)))
  place.replaceChildren(...sample.workers.map((worker) => workerRow(worker, sample, first)))
}

const homes = (sample: Sample | undefined) =>
  new Map((sample?.workers ?? []).flatMap(({ groups }, index) => groups.map((group) => [group, index] as const)))

function workerRow(
  { node, groups, percent }: Sample['workers'][number],
  { moves }: Sample,
  first: ReadonlyMap<string, number>,
): HTMLElement {
  const color = (group: string) => (first.get(group) ?? 0) % colors
  const leaving = new Set(moves.filter(({ from }) => from === node).map(({ group }) => group))
  const coming = moves.filter(({ to }) => to === node)
  const cells = [
    ...groups.map((group) =>
      element('i', { class: `group home-${color(group)}${leaving.has(group) ? ' leaving' : ''}` }),
    ),
    ...coming.map(({ group }) => element('i', { class: `group home-${color(group)} coming` })),
  ]
  const name = element('b', {}, node)
  const count = element(
    'span',
    { class: 'quiet' },
    `${groups.length} shard groups${coming.length > 0 ? ', one coming' : ''}`,
  )
  const cpu = element('meter', { min: 0, max: 100, value: percent, 'aria-label': `CPU of ${node}` }, `${percent} %`)
  const level = percent > 95 ? 'severe' : percent > 73 ? 'high' : 'fine'
  cpu.className = level
  const figure = element('span', { class: 'figure' }, `${percent.toFixed(0)} %`)
  return element(
    'li',
    {},
    element('div', { class: 'worker' }, name, count, cpu, figure),
    element('div', { class: 'groups', 'aria-hidden': 'true' }, ...cells),
  )
}
