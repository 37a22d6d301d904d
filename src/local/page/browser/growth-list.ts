import { element } from './element.ts'
import { minuteOf, type Model } from './model.ts'
import { splitGrowths, type Growth } from './split-growths.ts'

let shown = ''

/** The phases of each scale-out with their durations, newest first. */
export function showGrowths(place: HTMLElement, model: Model): void {
  const now = model.samples.at(-1)?.at ?? 0
  const growths = splitGrowths(model).reverse()
  const rows = growths.map((growth) => ({ growth, parts: partsOf(growth, now) }))
  const key = JSON.stringify(rows.map(({ growth, parts }) => [growth, parts.map(({ minutes }) => minutes.toFixed(1))]))
  if (key === shown && place.hasChildNodes()) return
  shown = key
  const nothing = element('p', { class: 'quiet' }, 'None so far.')
  place.replaceChildren(...(rows.length > 0 ? rows.map(({ growth, parts }) => row(model, growth, parts)) : [nothing]))
}

type Part = { name: string; minutes: number; isOpen: boolean }

function partsOf(growth: Growth, now: number): Part[] {
  const { crossedAt, notifiedAt, acceptedAt, arrivedAt, spreadAt, failed } = growth
  const ends = [notifiedAt, acceptedAt, failed?.endedAt ?? arrivedAt, failed ? undefined : spreadAt]
  const parts: Part[] = []
  let start = crossedAt
  for (const [index, name] of ['detect', 'decide', 'provision', 'move'].entries()) {
    if (failed && name === 'move') break
    const end = ends[index]
    parts.push({ name, minutes: Math.max(0, (end ?? now) - start) / 60_000, isOpen: end === undefined })
    if (end === undefined) break
    start = end
  }
  return parts
}

function row(model: Model, growth: Growth, parts: readonly Part[]): HTMLElement {
  const { from, to, crossedAt, relievedAt, failed } = growth
  const title = element('b', {}, `${from} → ${to} workers`)
  const since = element('span', { class: 'quiet' }, ` from minute ${minuteOf(model, crossedAt)}`)
  const bars = parts.map(({ name, minutes, isOpen }) => {
    const bar = element('i', { class: `part ${name}${isOpen ? ' open' : ''}` })
    bar.style.flexGrow = String(Math.max(minutes, 0.15))
    return bar
  })
  const figures = parts.map(({ name, minutes, isOpen }) =>
    element('li', { class: name }, `${name} ${minutes.toFixed(1)}${isOpen ? ' …' : ''}`),
  )
  const end = failed
    ? element('li', { class: 'failed' }, 'failed')
    : element(
        'li',
        { class: 'relief' },
        relievedAt ? `relief after ${((relievedAt - crossedAt) / 60_000).toFixed(1)} min` : 'no relief yet',
      )
  return element(
    'article',
    { class: failed ? 'growth failed' : 'growth' },
    element('p', {}, title, since),
    element('div', { class: 'parts', 'aria-hidden': 'true' }, ...bars),
    element('ul', { class: 'figures' }, ...figures, end),
  )
}
