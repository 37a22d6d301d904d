// In Chromium: npm run test:browser
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findAccessibilityProblems, fits, openPage, rowsOf, state, waitForEvent, withoutChromium } from './open-page.ts'

test(
  'the load is relieved within a minute, a reload loses nothing, and the page is accessible',
  { skip: withoutChromium },
  async (t) => {
    const page = await openPage(t)
    await state(page, 'one more is coming', 30)
    await state(page, 'shards are moving', 30)
    await page.locator('.group.coming').first().waitFor({ state: 'attached' })
    await waitForEvent(page, 'The load is relieved', 60)
    await state(page, '3 workers at 64 %; nothing to do', 5)
    // Relief counts once the CPU has stayed below the threshold for three of the cluster's minutes.
    await page.locator('#growths', { hasText: 'relief after' }).waitFor({ timeout: 10_000 })
    assert.equal(await page.locator('#workers > li').count(), 3)
    assert.match(
      await page.locator('#growths').innerText(),
      /2 → 3 workers[^]*provision \d+\.\d[^]*relief after \d+\.\d min/,
    )
    assert.match(await page.locator('#history').innerText(), /rebalance, 10 moves[^]*2 → 3 workers\s+10\.0 min/)
    for (const mark of ['circle.started', 'circle.held', '.span.growth', '.span.rebalance', 'line.threshold'])
      assert.ok((await page.locator(`#time ${mark}`).count()) > 0, mark)

    const before = await rowsOf(page)
    assert.ok(before.length > 5)
    await page.reload()
    await waitForEvent(page, before.at(-1) ?? '', 5)
    assert.deepEqual((await rowsOf(page)).slice(-before.length), before)
    assert.match(await page.locator('#growths').innerText(), /relief after/)

    // With the keyboard only, and with a check for accessibility, in both colour schemes and at the width of a phone.
    await page.locator('#events .expand').last().focus()
    await page.keyboard.press('Enter')
    await page.locator('#events .json:not([hidden])', { hasText: '"fingerprint"' }).waitFor()
    await page.locator('#events .json:not([hidden])', { hasText: '"reason": "scaling-out"' }).waitFor()
    for (const colorScheme of ['light', 'dark'] as const)
      for (const width of [1280, 390]) {
        await page.emulateMedia({ colorScheme })
        await page.setViewportSize({ width, height: 844 })
        assert.deepEqual(await findAccessibilityProblems(page), [], `${colorScheme}, ${width} pixels`)
        assert.ok(await fits(page), `${width} pixels`)
      }
  },
)
