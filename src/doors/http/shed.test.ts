/** A full site turns runs away at its door: what matters least first, and it says when to come again. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { workflow } from '../../author/index.ts';
import { openSite, type Site } from '../../site/site.ts';
import type { Listening } from '../guard/index.ts';
import { createHttpDoor } from './index.ts';

const waits = workflow('waits', async (run) => run.signal('go'));
let site: Site;
let door: Listening;
beforeAll(async () => {
  site = await openSite({ workflows: [waits], maxOpenRuns: 10, evictAfterMs: Infinity });
  const token = (name: string, rights: string[]) => ({ token: name, principal: { id: name, rights } });
  const tokens = [token('any', ['run:start']), token('ops', ['run:start', 'run:high'])];
  door = await (await createHttpDoor(site, { tokens })).listen();
});
afterAll(async () => {
  await door.close();
  await site.stop({ graceMs: 0 });
});

async function start(token: string, priority?: string) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ workflow: 'waits', priority });
  const answer = await fetch(`${door.url}/v1/runs`, { method: 'POST', headers, body });
  return { status: answer.status, after: answer.headers.get('retry-after'), body: await answer.json() };
}

test('low, then normal, then all; high needs its right', async () => {
  for (let n = 0; n < 7; n++) expect((await start('any', 'low')).status).toBe(201);
  expect(await start('any', 'low')).toMatchObject({
    status: 503,
    after: expect.stringMatching(/^[1-9]/),
    body: {
      code: 'overloaded',
      retry: 'same',
      detail: expect.stringContaining("7 runs open of the 7 that it takes at priority 'low'"),
    },
  });
  for (let n = 0; n < 2; n++) expect((await start('any')).status).toBe(201);
  expect((await start('any')).status).toBe(503);
  expect(await start('any', 'high')).toMatchObject({ status: 403, body: { code: 'rights.missing' } });
  expect((await start('ops', 'high')).status).toBe(201);
  expect((await start('ops', 'high')).status).toBe(503);
});
