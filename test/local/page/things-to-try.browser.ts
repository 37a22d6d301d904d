// In Chromium: npm run test:browser
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { openPage, state, waitForEvent, withoutChromium } from './open-page.ts'

const button = (page: Page, thing: string) => page.locator(`[data-thing="${thing}"]`)

/** Presses a button, and checks that the page shows its new state and what was done. */
async function attempt(page: Page, thing: string, done: string): Promise<void> {
  const isOn = await button(page, thing).getAttribute('aria-pressed')
  await button(page, thing).click()
  if (isOn !== null) await page.locator(`[data-thing="${thing}"][aria-pressed="${isOn === 'false'}"]`).waitFor()
  await waitForEvent(page, done, 10)
  assert.ok((await page.locator('#tried').textContent())?.includes(done))
}

/** Two workers at 64 %: nothing happens until a test raises the load. */
const calm = { load: 128 }
const makeLoadHigh = (page: Page) => attempt(page, 'load-up', 'The load is now 1.9 workers at 100 % CPU.')

// Each test has its own loop and browser, and mostly waits for the loop.
describe('things to try', { concurrency: 2, skip: withoutChromium }, () => {
  test('people are notified of a hot tenant and of missing metrics, and no worker is added', async (t) => {
    const page = await openPage(t)
    await waitForEvent(page, 'The load is relieved', 60)
    await attempt(page, 'hot-tenant', 'One tenant has a quarter of the load.')
    await waitForEvent(page, 'one worker is hot, the others are not', 45)
    await attempt(page, 'hot-tenant', 'No tenant is hot any more.')
    await attempt(page, 'metrics-stop', 'The CPU is no longer measured.')
    await state(page, 'CPU not measured', 5)
    await waitForEvent(page, 'CPU of the workers is unknown', 45)
    await attempt(page, 'metrics-stop', 'The CPU is measured again.')
    assert.equal(await page.locator('#workers > li').count(), 3)
  })

  test('a failed deployment, a refusing and a silent coordinator are answered with their reasons, and the load is relieved', async (t) => {
    const page = await openPage(t, calm)
    await attempt(page, 'deployment-fails', 'The next scale-out will fail.')
    await makeLoadHigh(page)
    await waitForEvent(page, 'backing-off', 60)
    await waitForEvent(page, 'Scale-outs succeed again.', 10)
    await page.locator('article.failed').waitFor()
    await attempt(page, 'coordinator-refuses', "The functions' role may not log in.")
    await waitForEvent(page, 'citus-refused 502', 30)
    await attempt(page, 'coordinator-refuses', "The functions' role may log in again.")
    await state(page, 'more is coming', 60)
    await attempt(page, 'coordinator-silent', 'The coordinator does not answer the functions.')
    await waitForEvent(page, 'citus-unavailable 503', 60)
    await attempt(page, 'coordinator-silent', 'The coordinator answers again.')
    await waitForEvent(page, 'The load is relieved', 60)
  })

  test('a pause and a stopped rebalance are respected, and the page shows a higher and a lower load', async (t) => {
    const page = await openPage(t, calm)
    await attempt(page, 'pause', 'The functions run with AUTOSCALE_MODE=paused.')
    await makeLoadHigh(page)
    await waitForEvent(page, 'paused 200', 30)
    await attempt(page, 'pause', 'The functions run with their settings again.')
    await attempt(page, 'stop-rebalance', 'A person stops the rebalance as soon as shards move.')
    await waitForEvent(page, 'rebalance-cancelled 200', 60)
    await state(page, 'a person has stopped the rebalance', 5)
    await attempt(page, 'stop-rebalance', 'A person has started rebalance job 2.')
    await waitForEvent(page, 'The load is relieved', 60)
    await attempt(page, 'load-up', 'The load is now 2.9 workers at 100 % CPU.')
    await state(page, '3 workers at 96 %', 5)
    await waitForEvent(page, 'scaling-out 202', 30)
    await attempt(page, 'load-down', 'The load is now 1.9 workers at 100 % CPU.')
    await state(page, '3 workers at 64 %', 5)
  })

  test('kind citus: a server that does not answer is reported, and the next try relieves the load', async (t) => {
    const page = await openPage(t, { kind: 'citus', ...calm })
    await attempt(page, 'deployment-fails', 'The next scale-out will fail.')
    await makeLoadHigh(page)
    await waitForEvent(page, 'citus-refused 502', 60)
    await waitForEvent(page, 'Scale-outs succeed again.', 10)
    await waitForEvent(page, 'The load is relieved', 60)
  })
})
