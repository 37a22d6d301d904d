import { fork, type ChildProcess } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import { readPayload } from '../payloads/read-payload.ts'
import { askRepeatedly, type Answers } from './ask-repeatedly.ts'
import { benchSecret, benchSettings } from './bench-settings.ts'
import { ratioOf, shown, spreadOf } from './spread.ts'

const rounds = 15
const secondsEach = 1
const connections = 50

type Request = { name: string; path: string; body: string; contains: string }
type IsEnough = (count: number, seconds: number) => boolean

const empty: Request = { name: 'empty function', path: 'empty', body: readPayload('grafana-firing'), contains: '{}' }
const held: Request = {
  name: 'held notification',
  path: 'scale-out',
  body: readPayload('grafana-firing'),
  contains: '"paused"',
}
const heldSigned: Request = { ...held, name: 'held notification, signed', path: 'signed-scale-out' }
const ignored: Request = {
  name: 'ignored notification',
  path: 'scale-out',
  body: readPayload('grafana-test-button'),
  contains: '"test-alert"',
}

/**
 * Measures answers per second at 50 connections, with an empty function on the same host as the baseline: a held and an ignored notification
 * with the default settings, and a held one whose signature is verified.
 */
export async function measureAnswers(print: (line: string) => void): Promise<void> {
  print(`Answers at ${connections} connections, median and quartiles of ${rounds} rounds of ${secondsEach} s, in turn:`)
  await withServer(async (ask) => {
    const measured = [empty, held, ignored, heldSigned].map((request) => ({ ...request, answers: [] as Answers[] }))
    for (const request of measured) await ask(request, (count) => count >= 2000)
    for (let round = 0; round < rounds; round++)
      for (const request of measured) request.answers.push(await ask(request, (_, seconds) => seconds >= secondsEach))
    reportRates(measured, print)
  })
}

/** The heap after 20,000 held notifications, compared with the heap after the first 2,000. */
export async function measureHeap(print: (line: string) => void): Promise<void> {
  await withServer(async (ask, heap) => {
    await ask(held, (count) => count >= 2000)
    const before = await heap()
    await ask(held, (count) => count >= 18_000)
    const after = await heap()
    print(`Heap: ${before.toFixed(2)} MB after 2,000 held notifications, ${after.toFixed(2)} MB after 20,000`)
  })
}

type Ask = (request: Request, isEnough: IsEnough) => Promise<Answers>

async function withServer(measure: (ask: Ask, heap: () => Promise<number>) => Promise<void>): Promise<void> {
  const server = fork(fileURLToPath(new URL('serve.ts', import.meta.url)), {
    execArgv: ['--expose-gc'],
    env: benchSettings,
  })
  try {
    const [{ url }] = servingSchema.parse(await once(server, 'message'))
    const ask: Ask = ({ path, body, contains }, isEnough) =>
      askRepeatedly({ url: new URL(`/api/${path}`, url), headers: signed(body), body, contains, connections }, isEnough)
    await measure(ask, () => heapOf(server))
  } finally {
    server.disconnect()
  }
}

async function heapOf(server: ChildProcess): Promise<number> {
  server.send('heap')
  const [{ bytes }] = heapSchema.parse(await once(server, 'message'))
  return bytes / 2 ** 20
}

const servingSchema = z.tuple([z.object({ kind: z.literal('serving'), url: z.url() })]).rest(z.unknown())
const heapSchema = z.tuple([z.object({ kind: z.literal('heap'), bytes: z.number() })]).rest(z.unknown())

function signed(body: string): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1000))
  return {
    'content-type': 'application/json',
    'x-grafana-alerting-timestamp': timestamp,
    'x-grafana-alerting-signature': createHmac('sha256', benchSecret).update(`${timestamp}:${body}`).digest('hex'),
  }
}

function reportRates(measured: readonly (Request & { answers: readonly Answers[] })[], print: (line: string) => void) {
  const ratesOf = (answers: readonly Answers[]) => answers.map(({ perSecond }) => perSecond)
  for (const { name, answers } of measured) {
    const p99 = shown(spreadOf(answers.map(({ p99 }) => p99)), 'ms', 1)
    print(`${name}: ${shown(spreadOf(ratesOf(answers)), 'a second')}, p99 ${p99}`)
  }
  const [baseline, ...others] = measured
  print("of the empty function's rate, pair by pair (aim: 0.7 at least):")
  for (const { name, answers } of others)
    print(`${name}: ${ratioOf(ratesOf(answers), ratesOf(baseline?.answers ?? []))}`)
}
