// The typed client in a real browser: a page starts a run, watches it and the site, and answers its gate; over a site
// that goes away in between. A page of an origin that the site does not know gets nothing.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Guard } from '../../src/doors/guard/index.ts';
import { createHttpDoor } from '../../src/doors/http/index.ts';
import { openDesk } from '../http/desk.ts';
import { chromiumPath, openBrowser } from './chromium.ts';
import { type Pages, servePages } from './pages.ts';

/** A browser beside other tests on two cores takes its time. */
const SLOW = { timeout: 20_000 };

describe.skipIf(chromiumPath === undefined)('in a browser', () => {
  let browser: Browser;
  let ours: Pages;
  let theirs: Pages;
  let desk: Awaited<ReturnType<typeof openDesk>>;
  let guard: Guard;
  let door: Awaited<ReturnType<Awaited<ReturnType<typeof createHttpDoor>>['listen']>>;
  beforeAll(async () => {
    [browser, ours, theirs] = await Promise.all([openBrowser(), servePages(), servePages()]);
    desk = await openDesk({ origins: [ours.origin] });
    ({ guard } = desk.door);
    door = await desk.door.listen();
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all([ours?.close(), theirs?.close(), door?.close()]);
    await desk?.site.stop();
  });

  async function visit(pages: Pages, patienceMs?: number): Promise<Page> {
    const page = await browser.newPage();
    page.setDefaultTimeout(20_000);
    await page.goto(pages.origin);
    await page.waitForFunction('window.open.length === 1 && !/native/.test(window.open)');
    const given = { url: door.url, token: desk.tokens['ann']!, patienceMs };
    await page.evaluate(`window.open(${JSON.stringify(given)})`);
    return page;
  }
  const lines = (page: Page, list: string) => page.locator(`#${list} li`).allTextContents();

  test('a page starts a run, watches it over a restart of the door, answers its gate and has its output', async () => {
    const page = await visit(ours);
    // It watches the site: what comes is after that.
    await expect.poll(() => guard.counts().streams, SLOW).toBe(1);
    await page.click('#start');
    await page.locator('#approve:visible').waitFor();
    const [{ run } = { run: '' }] = (await desk.site.runs({ limit: 1 })).runs;
    // The site goes away, and the run moves on meanwhile; the page comes back by itself.
    await door.close();
    await desk.site.approve(run, 'ok', { by: { id: 'bo', rights: ['pay'] } });
    const again = await createHttpDoor(desk.site, { tokens: desk.given, origins: [ours.origin], port: door.port });
    ({ guard } = again);
    door = await again.listen();
    await page.locator('#events li', { hasText: 'gate.answered' }).waitFor();
    await desk.site.signal(run, 'go', 'now');
    await expect.poll(() => page.textContent('#output'), SLOW).toBe(JSON.stringify({ by: 'bo', word: 'now' }));
    await page.locator('#events li', { hasText: 'run.ended' }).waitFor();
    const journal: string[] = [];
    for await (const { seq, event } of desk.site.watch(run)) journal.push(`${seq} ${event.type}`);
    expect(await lines(page, 'events')).toEqual(journal);
    const site = journal.map((line) => `${run} ${line.split(' ')[1]}`);
    await expect.poll(() => lines(page, 'site'), SLOW).toEqual(site);
    // The click of a person is a word to the run.
    await page.click('#start');
    await page.locator('#approve:visible').click();
    const second = (await desk.site.runs({ limit: 1 })).runs[0]!.run;
    await desk.site.signal(second, 'go', 2);
    await expect.poll(() => page.textContent('#output'), SLOW).toBe(JSON.stringify({ by: 'ann', word: 2 }));
    await page.close();
  }, 60_000);

  test('a page of an origin that is not configured is refused by the site, and reads nothing', async () => {
    const before = (await desk.site.runs()).runs.length;
    const page = await visit(theirs, 300);
    const code = await page.evaluate(`client.start('pay').then(() => 'started', (error) => error.code)`);
    expect(code).toBe('site.stopped');
    const direct = await page.evaluate(
      `fetch('${door.url}/v1/site', { headers: { authorization: 'Bearer x' } }).then((r) => r.status, (e) => e.name)`,
    );
    expect(direct).toBe('TypeError');
    // What needs no leave of the site to be sent is refused when it comes.
    const blind = `fetch('${door.url}/v1/runs', { method: 'POST', mode: 'no-cors', body: '{"workflow":"pay"}' }).then((r) => r.type)`;
    expect(await page.evaluate(blind)).toBe('opaque');
    expect((await desk.site.runs()).runs.length).toBe(before);
    expect(guard.counts().refused.get('origin.refused')).toBeGreaterThan(2);
    await page.close();
  }, 60_000);
});
