import { element } from './element.ts'
import { minuteOf, type Model } from './model.ts'
import type { Entry } from './read-status.ts'

let shown = ''

/** The field `history` of the functions' status. */
export function showHistory(place: HTMLElement, model: Model): void {
  const history = model.status?.history ?? []
  const key = JSON.stringify(history)
  if (key === shown) return
  shown = key
  place.replaceChildren(...history.map((entry) => row(model, entry)))
}

function row(model: Model, entry: Entry): HTMLElement {
  const { kind, from, to, moves, seconds, askedBy, ended, error } = entry
  const start = entry.startedAt ?? entry.endedAt
  const what = kind === 'scale-out' ? `${from ?? '?'} → ${to ?? '?'} workers` : `rebalance, ${moves ?? '?'} moves`
  return element(
    'tr',
    {},
    cell('Minute', start ? String(minuteOf(model, Date.parse(start))) : ''),
    cell('What', what),
    cell('Provision', minutesIn(seconds?.provision)),
    cell('Move', minutesIn(seconds?.move)),
    cell('Asked by', askedBy ?? ''),
    cell('Ended', error ? `${ended}: ${error}` : ended),
  )
}

const minutesIn = (seconds: number | undefined) => (seconds === undefined ? '' : `${(seconds / 60).toFixed(1)} min`)

const cell = (label: string, text: string) => element('td', { 'data-label': label }, text)
