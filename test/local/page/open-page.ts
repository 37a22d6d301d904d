import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import * as z from 'zod'
import { startLoop } from '../../../src/local/loop.ts'
import { chromiumPath, openBrowser } from '../../../src/local/page/open-browser.ts'
import type { ClusterKind } from '../../../src/settings.ts'

/** Why the tests in the browser are skipped, if they are. */
export const withoutChromium = !existsSync(chromiumPath) && `no Chromium at ${chromiumPath}: CHROMIUM names another`

/** The page of a new loop, in Chromium. Fails when its console has a message, or a request leaves the machine. */
export async function openPage(
  t: TestContext,
  { kind = 'cosmosdb-postgresql', load = 192 }: { kind?: ClusterKind; load?: number } = {},
): Promise<Page> {
  const loop = await startLoop({ kind, speed: 60, load, settings: {}, port: 0, onEvent: () => undefined })
  const browser = await openBrowser()
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  const problems: string[] = []
  page.on('console', (message) => problems.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', ({ message }) => problems.push(message))
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(loop.url).origin) problems.push(`a request to ${request.url()}`)
  })
  t.after(async () => {
    await browser.close()
    await loop.stop()
    assert.deepEqual(problems, [])
  })
  await page.goto(loop.url)
  return page
}

/** Resolves when a row of the event table contains that text. */
export async function waitForEvent(page: Page, words: string, seconds: number): Promise<void> {
  await page
    .locator('#events tr', { hasText: words })
    .first()
    .waitFor({ timeout: seconds * 1000 })
}

/** Resolves when the state line contains that text. */
export async function state(page: Page, words: string, seconds: number): Promise<void> {
  await page.locator('#state', { hasText: words }).waitFor({ timeout: seconds * 1000 })
}

/** The texts of the rows of the event table, newest first. */
export const rowsOf = (page: Page): Promise<string[]> => page.locator('#events tr:not(.json)').allTextContents()

const axe = readFile(new URL(import.meta.resolve('axe-core/axe.min.js')), 'utf8')
const violationsSchema = z.array(
  z.object({ id: z.string(), impact: z.string(), nodes: z.array(z.object({ html: z.string() })) }),
)

/** The problems that axe finds on the page, except minor ones. */
export async function findAccessibilityProblems(page: Page): Promise<string[]> {
  // Evaluated, since the page's content security policy forbids a script element.
  const found: unknown = await page.evaluate(`${await axe}; axe.run().then(({ violations }) => violations)`)
  return violationsSchema
    .parse(found)
    .filter(({ impact }) => impact !== 'minor')
    .map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ html }) => html).join(', ')}`)
}

/** Whether nothing is wider than the window. */
export const fits = (page: Page): Promise<boolean> =>
  page.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth')
