import { type Browser, chromium } from 'playwright-core'

/** Chromium: the one that `CHROMIUM` names, or where Debian puts it. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    // Root may not use Chromium's sandbox, and the page is our own.
    chromiumSandbox: process.getuid?.() !== 0,
  })
}
