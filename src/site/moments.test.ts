/** Times as people give them: no part of a millisecond, and no mistaken moment, takes a run down. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parsePlan, planWorkflow, workflow } from '../author/index.ts';
import { createSqliteStore } from '../ports/store/sqlite.ts';
import { openSite } from './site.ts';

const openHere = () =>
  openSite({ store: createSqliteStore({ path: join(mkdtempSync(join(tmpdir(), 'skein-moments-')), 'site.db') }) });

test('parts of milliseconds are waited for on a store that knows whole ones', async () => {
  const flow = workflow('parts', async (run) => {
    await run.wait('a', { ms: 10 / 3 });
    await run.wait('b', { untilMs: Date.now() + 5.5 });
    const gate = await run.gate('ok', { timeoutMs: 10 / 3 }).catch((thrown: unknown) => (thrown as Error).message);
    const signal = await run.signal('go', { timeoutMs: 0.1 }).catch((thrown: unknown) => (thrown as Error).message);
    return [gate, signal];
  });
  const site = await openHere();
  const handle = await site.start(flow, undefined, { deadlineMs: Date.now() + 30_000.5 });
  expect(await handle.output()).toEqual([expect.stringContaining('in time'), expect.stringContaining('in time')]);
  const plan = planWorkflow(parsePlan('name: words\nsteps: { a: { wait: 3.3 }, b: { wait: 0.0033s, after: a } }'));
  expect((await (await site.start(plan)).result()).outcome).toBe('completed');
  await site.stop();
});

test('a moment that no date can name, and a span where a moment is meant, are refused', async () => {
  const site = await openHere();
  const flow = workflow('rests', (run) => run.signal('never'));
  for (const deadlineMs of [Infinity, 1e20, Number.NaN, 600_000])
    await expect(site.start(flow, undefined, { deadlineMs })).rejects.toMatchObject({
      code: 'input.invalid',
      message: expect.stringContaining('a moment, in ms since 1970'),
    });
  const long = workflow('long', (run) => run.wait('a', { ms: 1e20 }));
  await expect((await site.start(long)).output()).rejects.toMatchObject({ code: 'input.invalid' });
  await site.stop();
});

test("a run's id is of one workflow, and can be held by every store", async () => {
  const site = await openHere();
  const [one, other] = ['one', 'other'].map((name) => workflow(name, async () => name));
  expect(await (await site.start(one!, undefined, { id: 'same' })).output()).toBe('one');
  expect(await (await site.start(one!, undefined, { id: 'same' })).output()).toBe('one');
  await expect(site.start(other!, undefined, { id: 'same' })).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining("a run of 'one'"),
  });
  for (const id of ['', 'a\n', '\0', '\ud800', 'x'.repeat(501)])
    await expect(site.start(one!, undefined, { id })).rejects.toMatchObject({ code: 'input.invalid' });
  expect(await (await site.start(one!, undefined, { id: 'a b/ü"👍🏽' })).output()).toBe('one');
  await site.stop();
});
