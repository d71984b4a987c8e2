// Words to runs whose standing is not plain: a step has drifted, the run has continued as another one.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AnyWorkflow } from '../../src/author/index.ts';
import { functionAgent, openDrifts, openSite, type Site, workflow } from '../../src/index.ts';
import { makeProject, type Project } from './project.ts';

let project: Project;
let skein: Project['skein'];
beforeAll(() => {
  project = makeProject();
  ({ skein } = project);
});
afterAll(() => project.close());

const polite = functionAgent('polite', {
  skills: {
    hello: (words: string) => words,
    // It is out for ever: whether it was sent is not known when its site is gone.
    send: { effect: 'reversible', undo: () => {}, run: () => new Promise<never>(() => {}) },
  },
});

/** A site in the project, with the code as it is now. */
async function onSite(flow: AnyWorkflow, use: (site: Site) => Promise<unknown>): Promise<void> {
  const store = join(project.folder, '.skein/site.db');
  const site = await openSite({ store, workflows: [flow], agents: [polite] });
  await use(site);
  await site.stop({ graceMs: 0 });
}

const drifter = (words: string, hasGate: boolean) =>
  workflow('drifter', async (run) => {
    const heard = await run.ask('hello', words);
    if (hasGate) await run.gate('ok');
    return [heard, await run.signal('go')];
  });

/** `hello` is settled, and asked with other words since. */
async function leaveDrifting(id: string, hasGate = false): Promise<void> {
  const before = drifter('old words', hasGate);
  await onSite(before, async (site) => {
    await site.start(before, undefined, { id });
    await expect.poll(async () => (await site.state(id)).open.has(hasGate ? 'ok' : 'go')).toBe(true);
  });
  await onSite(drifter('new words', hasGate), async (site) => {
    await expect.poll(async () => openDrifts(await site.state(id)).length).toBe(1);
  });
}

describe('a step that has drifted', () => {
  test('every command names the word that it waits for', async () => {
    await leaveDrifting('drifted');
    expect((await skein('ps', '--json')).json()).toMatchObject({ runs: [{ run: 'drifted', state: 'asks a person' }] });
    const { out } = await skein('show', 'drifted');
    expect(out).toContain('skein drift drifted hello keep|redo|fork\n');
    expect(out).toMatch(/waits +hello: its input has changed: keep, redo or fork\? \(right run:drift\)/);
    expect(out).toMatch(/it is now +new words/);
    expect(out).not.toContain('skein approve');
    expect((await skein('show', 'drifted', '--json')).json()).toMatchObject({
      gates: [],
      drifts: [{ step: 'hello', right: 'run:drift', input: 'new words' }],
    });
    for (const step of [[], ['hello']])
      for (const word of ['approve', 'deny'])
        expect(await skein(word, 'drifted', ...step)).toMatchObject({
          code: 5,
          err: expect.stringMatching(/waits for no answer now\nnext: .*skein drift drifted hello keep\|redo\|fork\n$/),
        });
    await onSite(drifter('new words', false), async (site) => {
      await expect(site.approve('drifted', 'hello')).rejects.toMatchObject({
        code: 'conflict',
        detail: { next: expect.stringContaining('skein drift drifted hello') },
      });
      expect((await skein('drift', 'drifted', 'hello', 'keep')).code).toBe(0);
      await site.signal('drifted', 'go', 1);
      expect(await site.handle('drifted').output()).toEqual(['old words', 1]);
    });
  });

  test('one that is not settled, for it may have acted with the former input', async () => {
    const sender = (words: string) => workflow('sender', (run) => run.effect('send', words));
    const before = sender('old words');
    await onSite(before, async (site) => {
      await site.start(before, undefined, { id: 'sent' });
      await expect.poll(async () => (await site.state('sent')).steps.get('send')?.attempts?.length).toBe(1);
    });
    await onSite(sender('new words'), async (site) => {
      await expect.poll(async () => openDrifts(await site.state('sent'))).toMatchObject([{ step: 'send' }]);
    });
    expect((await skein('show', 'sent')).out).toContain('skein approve sent send');
    expect(await skein('drift', 'sent', 'sent', 'keep')).toMatchObject({ code: 4 });
    expect(await skein('drift', 'sent', 'send', 'keep')).toMatchObject({ code: 0 });
  });

  test('a gate beside it comes first; nothing is asked when the run has ended', async () => {
    await leaveDrifting('beside', true);
    const { out } = await skein('show', 'beside');
    expect(out).toContain('skein approve beside ok\n');
    expect(out).toMatch(/waits +ok: may it go on\?[^]*waits +hello: its input has changed/);
    await onSite(drifter('new words', true), async (site) => {
      await skein('cancel', 'beside');
      await site.handle('beside').result();
    });
    expect((await skein('show', 'beside')).out).not.toMatch(/person|keep|waits/);
  });
});

test('words to a run that has continued reach the one that carries it on; when all have ended, none', async () => {
  const chain = workflow('chain', async (run, turn: number) => {
    if (turn === 0) run.continueAsNew(1);
    return [(await run.gate('ok')).choice, await run.signal('go'), await run.signal('never')];
  });
  await onSite(chain, async (site) => {
    await site.start(chain, 0, { id: 'ch' });
    await expect.poll(async () => (await site.store.info('ch'))?.status).toBe('ended');
    await site.handle('ch~2').untilAsked('ok');
    expect(await skein('approve', 'ch')).toMatchObject({
      code: 0,
      out: expect.stringContaining("'ok' of ch~2, which carries on ch is answered; "),
    });
    await expect.poll(async () => (await site.state('ch~2')).open.has('go')).toBe(true);
    const sent = await skein('signal', 'ch', 'go', '--id', 'one');
    expect(sent).toMatchObject({
      code: 0,
      out: "signal 'go' is sent to ch~2, which carries on ch; the site is up and hears it now\n",
    });
    await expect.poll(async () => (await site.state('ch~2')).open.has('never')).toBe(true);
    expect((await skein('cancel', 'ch', '--json')).json()).toMatchObject({ run: 'ch', to: 'ch~2', cancelling: true });
    expect(await site.handle('ch').result()).toMatchObject({ run: 'ch~2', outcome: 'cancelled' });
  });
  expect(await skein('signal', 'ch', 'go')).toMatchObject({
    code: 5,
    err: expect.stringContaining('run ch~2 has ended and hears no signal'),
  });
  expect(await skein('cancel', 'ch')).toMatchObject({ code: 5, err: expect.stringContaining('run ch~2 has ended') });
  expect(await skein('signal', 'ch', 'go', '--id', 'one')).toMatchObject({
    code: 0,
    out: "signal 'go' is sent to ch~2, which carries on ch; it was heard before\n",
  });
});
