// Takes the picture for the README: the page when the load of a growing cluster is relieved.
//   node src/local/page/take-picture.ts [FILE]
import { writeFile } from 'node:fs/promises'
import { startLoop } from '../loop.ts'
import { openBrowser } from './open-browser.ts'

const file = process.argv[2] ?? new URL('loop.png', import.meta.url)
const loop = await startLoop({
  kind: 'elastic-cluster',
  speed: 60,
  load: 192,
  settings: {},
  port: 0,
  onEvent: () => undefined,
})
const browser = await openBrowser()
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 1080 }, colorScheme: 'light' })
  await page.goto(loop.url)
  await page.locator('#growths', { hasText: 'relief after' }).waitFor({ timeout: 120_000 })
  await writeFile(file, await page.screenshot())
} finally {
  await browser.close()
  await loop.stop()
}
