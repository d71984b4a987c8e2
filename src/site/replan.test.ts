import { expect, test } from 'vitest';
import { parsePlan, planWorkflow, workflow } from '../author/index.ts';
import { functionAgent } from '../ports/agent/index.ts';
import { openSite } from './site.ts';
import { replay } from './replay.ts';

const plan = (steps: string) => planWorkflow(parsePlan(`name: trip\nsteps: { ${steps} }\noutput: '\${steps}'`));
const agent = () =>
  functionAgent('a', { skills: { go: (to: string) => `went to ${to}`, look: (at: string) => `saw ${at}` } });

test('a run of a workflow as data goes on by another plan, and replays', async () => {
  const before = plan(
    'a: { ask: go, with: oslo }, ok: { signal: ok, after: a }, b: { ask: go, with: rome, after: ok }',
  );
  const after = plan(
    'a: { ask: go, with: oslo }, ok: { signal: ok, after: a }, c: { ask: look, with: bern, after: ok }',
  );
  const site = await openSite({ workflows: [before], agents: [agent()] });
  const { run } = await site.start('trip');
  for (let i = 0; i < 500 && !(await site.state(run)).open.has('ok'); i++) await new Promise((r) => setTimeout(r, 2));
  await site.replan(run, after, { id: 'ann', rights: ['*'] });
  await site.replan(run, after);
  await site.signal(run, 'ok', 'go on');
  expect(await site.handle(run).output()).toEqual({ a: 'went to oslo', ok: 'go on', c: 'saw bern' });
  expect(await replay(site.store, run)).toMatchObject({ equal: true });
  await expect(site.replan(run, after)).rejects.toMatchObject({ code: 'conflict' });
  await site.stop();
});

test('a plan that is taken back finds what it had begun under the name that it has again', async () => {
  const steps = (name: string, was?: string) =>
    plan(
      `${name}: { ask: go, with: oslo${was === undefined ? '' : `, was: ${was}`} }, ok: { signal: ok, after: ${name} }`,
    );
  const called: string[] = [];
  const counting = functionAgent('a', { skills: { go: (to: string) => (called.push(to), `went to ${to}`) } });
  const [before, after] = [steps('a'), steps('b', 'a')];
  const site = await openSite({ workflows: [before], agents: [counting] });
  const { run } = await site.start('trip');
  for (let i = 0; i < 500 && !(await site.state(run)).open.has('ok'); i++) await new Promise((r) => setTimeout(r, 2));
  for (const other of [after, before]) {
    await site.replan(run, other);
    const name = other === after ? 'b' : 'a';
    for (let i = 0; i < 500 && !(await site.state(run)).steps.has(name); i++)
      await new Promise((r) => setTimeout(r, 2));
  }
  await site.signal(run, 'ok', 'go on');
  expect(await site.handle(run).output()).toEqual({ a: 'went to oslo', ok: 'go on' });
  expect(called).toEqual(['oslo']);
  expect(await replay(site.store, run)).toMatchObject({ equal: true });
  await site.stop();
});

test('also what it had asked for only under the name that is taken back', async () => {
  const steps = (name: string, was?: string) =>
    plan(
      `ok: { signal: ok }, ${name}: { ask: go, with: oslo, after: ok${was === undefined ? '' : `, was: ${was}`} }, end: { signal: end, after: ${name} }`,
    );
  const called: string[] = [];
  const counting = functionAgent('a', { skills: { go: (to: string) => (called.push(to), `went to ${to}`) } });
  const site = await openSite({ workflows: [steps('a')], agents: [counting] });
  const { run } = await site.start('trip');
  const has = async (step: string): Promise<void> => {
    for (let i = 0; i < 500 && !(await site.state(run)).steps.has(step); i++)
      await new Promise((r) => setTimeout(r, 2));
  };
  await has('ok');
  await site.replan(run, steps('b', 'a'));
  await site.signal(run, 'ok', 'go on');
  await has('end');
  await site.replan(run, steps('a'));
  await has('a');
  await site.signal(run, 'end', 'over');
  expect(await site.handle(run).output()).toEqual({ ok: 'go on', a: 'went to oslo', end: 'over' });
  expect(called).toEqual(['oslo']);
  expect(await replay(site.store, run)).toMatchObject({ equal: true });
  await site.stop();
});

test('what cannot be replanned is refused, and says why', async () => {
  const waits = workflow('trip', async (run) => run.signal('ok'));
  const site = await openSite({ workflows: [waits], agents: [agent()] });
  const { run } = await site.start(waits);
  await expect(site.replan(run, plan('a: { ask: go }'))).rejects.toThrow('must be workflows as data');
  await expect(site.replan('r_none', plan('a: { ask: go }'))).rejects.toMatchObject({ code: 'not-found' });
  await site.stop();
});

test('an effect that one plan takes away and the next has again is not done twice', async () => {
  const did: number[] = [];
  const bank = functionAgent('bank', {
    skills: { pay: { effect: 'reversible', undo: () => {}, run: (n: number) => (did.push(n), `paid ${n}`) } },
  });
  const pay = (n: number) => `a: { effect: pay, with: ${n} }, `;
  const wait = 'ok: { signal: ok }';
  const site = await openSite({ workflows: [plan(pay(1) + wait)], agents: [bank] });
  const start = async (): Promise<string> => {
    const { run } = await site.start('trip');
    for (let i = 0; i < 500 && (await site.state(run)).steps.get('a')?.out !== 'ok'; i++)
      await new Promise((r) => setTimeout(r, 2));
    await site.replan(run, plan(wait));
    for (let i = 0; i < 500 && (await site.state(run)).steps.get('a')?.orphaned !== true; i++)
      await new Promise((r) => setTimeout(r, 2));
    return run;
  };
  const [same, other] = [await start(), await start()];
  await site.replan(same, plan(pay(1) + wait));
  await site.signal(same, 'ok', 'go on');
  expect(await site.handle(same).output()).toEqual({ a: 'paid 1', ok: 'go on' });
  // With another input it is drift, as if it had been there all the time.
  await site.replan(other, plan(pay(2) + wait));
  for (let i = 0; i < 500 && !(await site.state(other)).drifting?.has('a'); i++)
    await new Promise((r) => setTimeout(r, 2));
  expect((await site.state(other)).drifting?.has('a')).toBe(true);
  expect(did).toEqual([1, 1]);
  for (const run of [same, other]) expect(await replay(site.store, run)).toMatchObject({ equal: true });
  await site.stop({ graceMs: 0 });
});
