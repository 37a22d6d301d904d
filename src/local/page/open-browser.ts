import { type Browser, chromium } from 'playwright-core'

/** The Chromium that `CHROMIUM` names, or Debian's. */
export const chromiumPath = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Chromium, without a window. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    // Root may not use Chromium's sandbox, and the page is our own.
    chromiumSandbox: process.getuid?.() !== 0,
  })
}
