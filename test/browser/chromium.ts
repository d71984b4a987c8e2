/** Debian's Chromium, where it is installed (scripts/ensure-servers.ts); undefined: nowhere. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

export const chromiumPath = (process.env['PATH'] ?? '')
  .split(delimiter)
  .flatMap((folder) => NAMES.map((name) => join(folder, name)))
  .find((path) => existsSync(path));

export function openBrowser(): Promise<Browser> {
  // Its own sandbox wants rights that containers do not give; the pages here are ours.
  return chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
}
