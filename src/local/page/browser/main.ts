import type { LoggedEvent } from '../page-event.ts'
import { byId } from './element.ts'
import { showGrowths } from './growth-list.ts'
import { showHistory } from './history-table.ts'
import { emptyModel, minuteOf, take, type Model } from './model.ts'
import { showEvents } from './event-table.ts'
import { stateLine } from './state-line.ts'
import { showThings } from './things.ts'
import { showTime } from './time-chart.ts'
import { showWorkers } from './worker-bars.ts'

let model: Model | undefined
let isDrawing = false

const events = new EventSource('/events')
events.addEventListener('setup', ({ data }: MessageEvent<string>) => {
  const setup = JSON.parse(data) as Model['setup']
  if (model?.setup.startedAt !== setup.startedAt) model = emptyModel(setup)
  model.setup = setup
  drawSoon()
})
events.addEventListener('message', ({ data }: MessageEvent<string>) => {
  if (model) take(model, JSON.parse(data) as LoggedEvent)
  drawSoon()
})
events.addEventListener('open', () => (byId('connection').textContent = ''))
events.addEventListener(
  'error',
  () => (byId('connection').textContent = 'The loop does not answer: has npm start ended?'),
)
addEventListener('resize', drawSoon)

function drawSoon() {
  if (isDrawing) return
  isDrawing = true
  requestAnimationFrame(() => {
    isDrawing = false
    if (model) draw(model)
  })
}

function draw(shown: Model) {
  const now = shown.samples.at(-1)?.at
  byId('state').textContent = stateLine(shown)
  byId('cluster').textContent = `Cluster ${shown.setup.cluster}`
  byId('clock').textContent = now === undefined ? '' : `minute ${minuteOf(shown, now)}`
  byId('speed').textContent = `a second here is ${shown.setup.speed} seconds on Azure`
  showTime(byId('time'), shown)
  showWorkers(byId('workers'), shown)
  showThings(byId('things'), shown)
  showGrowths(byId('growths'), shown)
  showHistory(byId('history'), shown)
  showEvents(byId('events'), shown)
}
