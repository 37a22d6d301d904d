import { shape } from './element.ts'
import { minuteOf, type Model, type Sample } from './model.ts'
import { growthSpans, notificationMarks, rebalanceSpans } from './time-marks.ts'
import { timeScale, type Scale } from './time-scale.ts'

const cpu = { top: 12, height: 250 }
const lanes = { notifications: 286, growth: 306, rebalance: 324 }
const workers = { top: 354, height: 50 }
const height = 426

/** CPU and number of workers over the last 90 minutes, the thresholds of the rules, notifications, scale-outs and rebalances. */
export function showTime(place: HTMLElement, model: Model): void {
  const last = model.samples.at(-1)
  if (!last) return
  const scale = timeScale(model, place.clientWidth)
  const samples = model.samples.filter(({ at }) => at >= scale.from)
  const svg = shape(
    'svg',
    { width: scale.width, height, role: 'img', 'aria-label': summary(model, last) },
    ...axis(scale),
    ...model.setup.thresholds.flatMap(({ above }) => threshold(scale, above)),
    ...cpuLines(scale, samples),
    ...laneOf(scale, lanes.growth, 'growth', growthSpans(model)),
    ...laneOf(scale, lanes.rebalance, 'rebalance', rebalanceSpans(model)),
    ...notificationMarks(model).flatMap(({ at, outcome, text }) =>
      at < scale.from
        ? []
        : [shape('circle', { class: `mark ${outcome}`, cx: scale.x(at), cy: lanes.notifications, r: 4 }, title(text))],
    ),
    laneName('asked', lanes.notifications),
    laneName('growth', lanes.growth),
    laneName('moves', lanes.rebalance),
    ...workerSteps(scale, samples),
  )
  place.replaceChildren(svg)
}

const title = (text: string) => shape('title', {}, text)

const summary = (model: Model, { at, mean, workers: { length } }: Sample) =>
  `Mean CPU over time, now ${mean?.toFixed(0) ?? 'unknown'} % at minute ${minuteOf(model, at)}, and the number of workers, now ${length}`

const cpuY = (percent: number) => cpu.top + (cpu.height * (100 - percent)) / 100

function axis(scale: Scale): SVGElement[] {
  const { left, right } = scale
  const rows = [0, 25, 50, 75, 100].flatMap((percent) => [
    shape('line', { class: 'grid', x1: left, x2: right, y1: cpuY(percent), y2: cpuY(percent) }),
    shape('text', { class: 'label', x: left - 6, y: cpuY(percent) + 4, 'text-anchor': 'end' }, `${percent} %`),
  ])
  const columns = scale.ticks.flatMap(({ x, minute }) => [
    shape('line', { class: 'grid', x1: x, x2: x, y1: cpu.top, y2: workers.top + workers.height }),
    shape('text', { class: 'label', x, y: height - 6, 'text-anchor': 'middle' }, String(minute)),
  ])
  return [...columns, ...rows]
}

function threshold({ left, right }: Scale, above: number): SVGElement[] {
  const y = cpuY(above)
  return [
    shape('line', { class: 'threshold', x1: left, x2: right, y1: y, y2: y }),
    shape('text', { class: 'label threshold', x: right - 2, y: y - 4, 'text-anchor': 'end' }, `alert above ${above} %`),
  ]
}

/** A line for each worker, and a thick one for their mean, with a gap while the CPU is not measured. */
function cpuLines({ x }: Scale, samples: readonly Sample[]): SVGElement[] {
  const nodes = [...new Set(samples.flatMap((sample) => sample.workers.map(({ node }) => node)))]
  const each = nodes.map((node) =>
    pathOf(
      'cpu-worker',
      samples.map(({ at, mean, workers: seen }) => {
        const percent = seen.find((worker) => worker.node === node)?.percent
        return mean === undefined || percent === undefined ? undefined : [x(at), cpuY(percent)]
      }),
    ),
  )
  const mean = samples.map(({ at, mean: percent }) => (percent === undefined ? undefined : [x(at), cpuY(percent)]))
  return [...each, pathOf('cpu-mean', mean)]
}

function workerSteps({ x, left }: Scale, samples: readonly Sample[]): SVGElement[] {
  const most = Math.max(4, ...samples.map((sample) => sample.workers.length))
  const y = (count: number) => workers.top + (workers.height * (most - count)) / most
  const changes = samples.filter(({ workers: { length } }, index) => length !== samples[index - 1]?.workers.length)
  const points = samples.flatMap(({ at, workers: { length } }, index) => {
    const before = samples[index - 1]?.workers.length ?? length
    return [
      [x(at), y(before)],
      [x(at), y(length)],
    ]
  })
  const bottom = workers.top + workers.height
  const [first = [left, bottom]] = points
  const line = points.map((point) => point.join(' ')).join('L')
  return [
    shape('path', { class: 'worker-area', d: `M${first[0]} ${bottom}L${line}L${points.at(-1)?.[0]} ${bottom}Z` }),
    shape('path', { class: 'worker-count', d: `M${line}` }),
    ...changes.map(({ at, workers: { length } }) =>
      shape('text', { class: 'count', x: x(at) + 4, y: y(length) - 4 }, String(length)),
    ),
    laneName('workers', bottom - 4),
  ]
}

function pathOf(name: string, points: readonly (number[] | undefined)[]): SVGElement {
  const d = points.map((point, index) => (point ? `${points[index - 1] ? 'L' : 'M'}${point.join(' ')}` : '')).join('')
  return shape('path', { class: name, d })
}

function laneOf({ x, from }: Scale, y: number, name: string, spans: ReturnType<typeof growthSpans>): SVGElement[] {
  return spans
    .filter(({ end }) => end >= from)
    .map(({ start, end, text, failed }) => {
      const left = x(Math.max(start, from))
      const rect = { x: left, y: y - 5, width: Math.max(4, x(end) - left), height: 10, rx: 3 }
      return shape('rect', { class: `span ${name}${failed ? ' failed' : ''}`, ...rect }, title(text))
    })
}

const laneName = (name: string, y: number) => shape('text', { class: 'label', x: 0, y: y + 4 }, name)
