import * as z from 'zod'
import type { BusyWorker, LoopEvent } from './loop-event.ts'

const barWidth = 10

/** Prints the events of the loop: a line with the workers for each minute of the loop's clock, and one for each other event. */
export function createScreen(print: (line: string) => void) {
  let started: number | undefined
  let lastMinute = -1
  return (event: LoopEvent, at: number) => {
    started ??= at
    const seconds = Math.floor((at - started) / 1000)
    const minute = Math.floor(seconds / 60)
    if (event.kind === 'workers') {
      if (minute === lastMinute) return
      lastMinute = minute
    }
    const clock = `${String(minute).padStart(3)}:${String(seconds % 60).padStart(2, '0')}`
    describe(event).forEach((line, index) => print(`${index === 0 ? clock : ' '.repeat(6)}  ${line}`))
  }
}

function describe(event: LoopEvent): string[] {
  switch (event.kind) {
    case 'workers':
      return inRows(event.workers.map(worker))
    case 'alert': {
      const cpu = event.cpu === undefined ? '' : `, mean ${event.cpu.toFixed(0)} %`
      return [`alert  ${event.title}: ${event.state}${cpu}`]
    }
    case 'posted':
      return [`POST   ${event.receiver}: ${event.title} (${event.status})`, `       ${answerLine(event.answer)}`]
    case 'people-notified':
      return [`mail   ${event.title} (${event.status})`]
    case 'trouble':
      return [`error  ${event.message}`]
    case 'relieved':
      return [...inRows(event.workers.map(worker)), 'relieved: the alert has ended and the shards are spread']
  }
}

function worker({ node, groups, percent }: BusyWorker): string {
  const filled = Math.round((percent / 100) * barWidth)
  const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled)
  return `${node} ${String(groups.length).padStart(2)} shard groups ${bar} ${percent.toFixed(0).padStart(3)} %`
}

const inRows = (cells: readonly string[]) =>
  Array.from({ length: Math.ceil(cells.length / 2) }, (_, row) => cells.slice(row * 2, row * 2 + 2).join('   '))

const answerSchema = z.object({ outcome: z.string(), reason: z.string(), message: z.string() })

/** Turns `202 {"outcome":…}` into a sentence; any other text stays as it is. */
function answerLine(answer: string): string {
  const [, status = '', body = ''] = /^(\d{3}) (.*)$/s.exec(answer) ?? []
  try {
    const { outcome, reason, message } = answerSchema.parse(JSON.parse(body))
    return `${status} ${outcome}, ${reason}: ${message}`
  } catch {
    return answer
  }
}
