import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import type { JsonObject } from '../../../../src/local/arm/template/json.ts'
import { target } from './template-of.ts'

// The Bicep CLI contains Azure's template engine and works without a network. It comes from NuGet as
// Azure.Bicep.CommandLine.<platform>; `bicep jsonrpc` does what `bicep snapshot` does, in one process for many templates.

const path = process.env['BICEP']

const answer = z.object({
  result: z.object({ snapshot: z.string() }).optional(),
  error: z.object({ message: z.string() }).optional(),
})
const snapshot = z.object({ predictedResources: z.array(z.record(z.string(), z.json())) })

/** Azure's template engine. `predict` returns the resources that a template deploys, or rejects with its mistakes. */
export async function startBicep() {
  const folder = await mkdtemp(join(tmpdir(), 'bicep-'))
  const bicep = spawn(path ?? 'bicep', ['jsonrpc', '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] })
  bicep.stdout.setEncoding('utf8')

  async function predict(template: object, values: JsonObject = {}): Promise<JsonObject[]> {
    const parameters = Object.entries(values).map(
      ([name, value]) => `param ${name} = any(json('''${JSON.stringify(value)}'''))`,
    )
    const name = crypto.randomUUID()
    const file = join(folder, name)
    await writeFile(`${file}.json`, JSON.stringify(template))
    await writeFile(`${file}.bicepparam`, [`using '${name}.json'`, ...parameters].join('\n'))
    const { result, error } = await call('bicep/getSnapshot', { path: `${file}.bicepparam`, metadata: target })
    if (result === undefined) throw new Error(error?.message)
    return snapshot.parse(JSON.parse(result.snapshot)).predictedResources
  }

  async function call(method: string, params: object) {
    const message = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [params] })
    bicep.stdin.write(`Content-Length: ${Buffer.byteLength(message)}\r\n\r\n${message}`)
    let received = ''
    for await (const chunk of bicep.stdout.iterator({ destroyOnReturn: false })) {
      received += chunk
      const body = received.split('\r\n\r\n')[1]
      const length = /Content-Length: (\d+)/.exec(received)?.[1]
      if (body !== undefined && Buffer.byteLength(body) >= Number(length)) return answer.parse(JSON.parse(body))
    }
    throw new Error(`Bicep ended with: ${received}`)
  }

  async function stop(): Promise<void> {
    bicep.kill()
    await rm(folder, { recursive: true })
  }

  return { predict, stop }
}
