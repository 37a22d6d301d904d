// Takes the picture for the README: the page while shards move to the new workers.
//   node src/local/page/take-picture.ts [browser]
import { writeFile } from 'node:fs/promises'
import { chromium } from 'playwright-core'
import { startLoop } from '../loop.ts'

const [browserPath = '/usr/bin/chromium'] = process.argv.slice(2)
const loop = await startLoop({
  kind: 'cosmosdb-postgresql',
  speed: 60,
  load: 190,
  settings: {},
  port: 0,
  onEvent: () => undefined,
})
// Chromium's sandbox does not work for root, and the page is our own.
const browser = await chromium.launch({ executablePath: browserPath, chromiumSandbox: process.getuid?.() !== 0 })
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 940 }, colorScheme: 'light' })
  await page.goto(loop.url)
  await page.locator('#workers li:nth-child(3) .group:nth-child(6)').waitFor({ state: 'attached' })
  await writeFile(new URL('loop.png', import.meta.url), await page.screenshot())
} finally {
  await browser.close()
  await loop.stop()
}
