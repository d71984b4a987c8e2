import { expect, test } from 'vitest';
import { workflow } from '../author/index.ts';
import { createMemoryStore } from '../ports/store/memory.ts';
import { nextRunId } from './admission.ts';
import { replay } from './replay.ts';
import { openSite } from './site.ts';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('a word to a run that went on as a new one reaches the one that carries it on', async () => {
  const relay = workflow<number, string>('relay', async (run, turn) => {
    if (turn < 3) run.continueAsNew(turn + 1);
    const { by } = await run.gate('ok');
    return `${by}, ${await run.signal<string>('go')}`;
  });
  const site = await openSite({ workflows: [relay] });
  const { run } = await site.start(relay, 0);
  for (let i = 0; i < 500 && (await site.runs({ status: 'open' })).runs[0]?.run !== `${run}~4`; i++) await sleep(2);
  await site.handle(`${run}~4`).untilAsked('ok');
  await site.approve(run, 'ok', { by: { id: 'ann', rights: ['*'] } });
  await site.signal(run, 'go', 'on');
  expect(await site.handle(run).output()).toBe('ann, on');
  await site.stop();
});

test('a word that a run has heard is no word to the one that carries it on', async () => {
  const twice = workflow<number, string>('twice', async (run, turn) => {
    const { by } = await run.gate('ok');
    const said = await run.signal<string>('go');
    return turn === 0 ? run.continueAsNew(1) : `${by}, ${said}`;
  });
  const site = await openSite({ workflows: [twice] });
  const { run } = await site.start(twice, 0);
  const next = `${run}~2`;
  const words = async (name: string): Promise<void> => {
    const by = { id: name, rights: ['*'] };
    await site.approve(run, 'ok', { id: `ok of ${name}`, by });
    await site.signal(run, 'go', name, { id: `go of ${name}`, by });
  };
  await site.handle(run).untilAsked('ok');
  await words('ann');
  for (let i = 0; i < 500 && (await site.store.info(run))?.status !== 'ended'; i++) await sleep(2);
  await site.handle(next).untilAsked('ok');
  await words('ann');
  await sleep(20);
  expect((await site.gates(next)).map((gate) => gate.step)).toEqual(['ok']);
  await words('bo');
  expect(await site.handle(run).output()).toBe('bo, bo');
  // The chain is over: what any of it has heard is heard, and nothing else will be.
  await words('ann');
  await expect(site.signal(run, 'go', 'cy')).rejects.toMatchObject({ code: 'conflict' });
  await site.stop();
});

test('a chain that goes on for ever is cancelled by its first id', async () => {
  const endless = workflow<number, never>('endless', async (run, turn) => {
    await run.wait('a moment', { ms: 1 });
    return run.continueAsNew(turn + 1);
  });
  const site = await openSite({ workflows: [endless] });
  const { run } = await site.start(endless, 0);
  await sleep(60);
  // Between two of a chain a word may reach one that has just ended: said again, it reaches the next.
  let outcome: string | undefined;
  for (let i = 0; i < 50 && outcome === undefined; i++) {
    await site.cancel(run, 'enough');
    outcome = await Promise.race([
      site
        .handle(run)
        .result()
        .then((end) => end.outcome),
      sleep(40).then(() => undefined),
    ]);
  }
  expect(outcome).toBe('cancelled');
  await site.stop();
});

test('signals that came and that nobody waited for yet are those of the run that carries it on', async () => {
  const chain = workflow<number, unknown>('chain', async (run, turn) => {
    const said = await run.signal<number>('go');
    return turn < 3 ? run.continueAsNew(turn + 1) : said;
  });
  const site = await openSite({ workflows: [chain] });
  const { run } = await site.start(chain, 0);
  const by = { id: 'ann', rights: ['signal:go'] };
  for (let i = 0; i < 4; i++) await site.signal(run, 'go', i, { id: `go ${i}`, by });
  // Said twice it counts once, also where the first has gone on.
  await site.signal(run, 'go', 1, { id: 'go 1', by });
  expect(await site.handle(run).output()).toBe(3);
  for (const name of [run, `${run}~2`, `${run}~4`])
    expect(await replay(site.store, name)).toMatchObject({ equal: true });
  await site.stop();
});

test('a signal that came as a run ended, and was not taken any more, is taken by the one that carries it on', async () => {
  const store = createMemoryStore();
  const late = { in: 'signal', signal: 'go', id: 'late', by: { id: 'ann', rights: ['*'] }, data: 'on', letter: '' };
  const chain = workflow<number, unknown>('chain', async (run, turn) => {
    if (turn > 0) return run.signal('go');
    // Nobody tells the worker of it: it is there when the run has ended.
    await run.code('say', () => store.post([{ to: run.id, id: 'signal:late', dueMs: 0, body: JSON.stringify(late) }]));
    return run.continueAsNew(1);
  });
  const site = await openSite({ store, workflows: [chain] });
  const { run } = await site.start(chain, 0);
  expect(await site.handle(run).output()).toBe('on');
  await site.stop();
});

test('the next run has an id of its own, however large the number in the last', () => {
  expect(['r', 'r~2', 'r~x'].map(nextRunId)).toEqual(['r~2', 'r~3', 'r~x~2']);
  const ids = ['d~9007199254740990'];
  for (let i = 0; i < 4; i++) ids.push(nextRunId(ids.at(-1)!));
  expect(new Set(ids).size).toBe(5);
});
