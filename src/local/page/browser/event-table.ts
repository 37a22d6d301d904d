import { element } from './element.ts'
import { minuteOf, type Model, type Notification, type Remark } from './model.ts'

const most = 300
/** The newest event in the table: its number, and the loop that it belongs to. */
let newest = { loop: 0, id: 0 }

/** The notifications with their answers, and the other events, newest first. */
export function showEvents(place: HTMLElement, model: Model): void {
  const loop = model.setup.startedAt
  if (newest.loop !== loop) {
    newest = { loop, id: 0 }
    place.replaceChildren()
  }
  for (const entry of model.events.filter(({ id }) => id > newest.id)) {
    place.prepend(...(entry.kind === 'notification' ? notificationRows(model, entry) : remarkRow(model, entry)))
    newest.id = entry.id
  }
  while (place.children.length > most) place.lastElementChild?.remove()
}

const cell = (label: string, ...content: (Node | string)[]) => element('td', { 'data-label': label }, ...content)

const minuteCell = (model: Model, at: number) => cell('Minute', String(minuteOf(model, at)))

const labels = { mail: 'people notified', tried: 'tried', trouble: 'trouble', relieved: 'relieved' }

function remarkRow(model: Model, { kind, at, text }: Remark): Node[] {
  const cells = [minuteCell(model, at), cell('What', element('b', { class: `tag ${kind}` }, labels[kind]))]
  return [element('tr', { class: kind }, ...cells, element('td', { colspan: 3, 'data-label': 'Message' }, text))]
}

function notificationRows(model: Model, entry: Notification): Node[] {
  const { id, sentAt, title, status, target, answer } = entry
  const json = element('tr', { class: 'json', id: `json-${id}` })
  json.hidden = true
  const button = element(
    'button',
    { type: 'button', class: 'expand', 'aria-expanded': 'false', 'aria-controls': `json-${id}` },
    'JSON',
  )
  button.addEventListener('click', () => {
    if (!json.hasChildNodes()) json.append(jsonCell(entry))
    json.hidden = !json.hidden
    button.setAttribute('aria-expanded', String(!json.hidden))
  })
  const code = answer.status === undefined ? '' : ` ${answer.status}`
  const row = element(
    'tr',
    { class: `answer ${answer.outcome}` },
    minuteCell(model, sentAt),
    cell('What', element('b', { class: `tag ${answer.outcome}` }, `${answer.reason ?? 'no answer'}${code}`)),
    cell('Notification', `${title.replace(/^[^:]*: /, '')}${status === 'firing' ? '' : ' (resolved)'}`),
    cell('Answer', element('span', { class: 'quiet' }, `${target.replace(/^[^-]*-/, '')}: `), answer.message),
    cell('JSON', button),
  )
  return [row, json]
}

function jsonCell({ body, answer }: Notification): HTMLElement {
  const block = (heading: string, text: string) =>
    element('div', {}, element('h3', {}, heading), element('pre', { tabindex: 0, 'aria-label': heading }, pretty(text)))
  return element(
    'td',
    { colspan: 5 },
    element('div', { class: 'blocks' }, block('Notification', body), block('Answer', answer.text)),
  )
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text // not every answer is JSON
  }
}
