/** Workloads where nothing goes wrong: every kind of step, and what persons say to it. */
import { workflow } from '../../src/author/index.ts';
import { functionAgent } from '../../src/ports/agent/index.ts';
import type { Workload } from './lab.ts';

export const maths = () =>
  functionAgent('maths', {
    skills: {
      double: (n: number) => n * 2,
      slow: async (n: number) => {
        await new Promise((resolve) => setTimeout(resolve, 2));
        return n + 1;
      },
      big: (n: number) => ({ text: 'x'.repeat(n), n }),
    },
  });

const kinds = workflow('kinds', { labels: ['internal'], budget: { calls: 100 } }, async (run, input: { n: number }) => {
  const doubled = await run.ask<number>('double', input.n, { labels: ['numbers'] });
  const at = await run.now();
  const luck = await run.random();
  const local = await run.code('local', { doubled }, ({ doubled }) => doubled + 1);
  const mapped = await run.map('each', [1, 2, 3], { itemKey: (n) => n, width: 2 }, (n, inner) =>
    inner.ask<number>('slow', n),
  );
  const all = await run.all('both', {
    a: (inner) => inner.ask<number>('double', 1),
    b: (inner) => inner.code('b', () => 'b'),
  });
  const first = await run.any('race', {
    fast: (inner) => inner.ask<number>('double', 5),
    late: async (inner) => {
      await inner.wait('long', { ms: 60_000 });
      return 0;
    },
  });
  const few = await run.atLeast('few', 2, {
    x: (inner) => inner.ask<number>('slow', 1),
    y: (inner) => inner.ask<number>('double', 1),
    z: (inner) => inner.ask<number>('none'),
  });
  const settled = await run.settled('settled', {
    good: (inner) => inner.ask<number>('double', 1),
    bad: (inner) => inner.code('bad', () => Promise.reject(new Error('bad luck'))),
  });
  const looped = await run.loop(
    'loop',
    { from: 0, maxTurns: 4 },
    async (n, inner) => n + (await inner.ask<number>('double', 1)),
  );
  const pure = await run.loop('pure', { from: 0, until: (n) => n >= 300 }, (n) => n + 1);
  await run.wait('short', { ms: 3 });
  const empty = await run.map('nothing', [] as number[], { itemKey: (n) => n }, (n) => n);
  return { doubled, at: at > 0, luck, local, mapped, all, first, few, settled, looped, pure, empty };
});

const asking = workflow('asking', async (run) => {
  const gate = await run.gate<{ text: string }>('agree', { show: { text: 'may I?' } });
  const strict = await run.gate('strict', { right: 'gate:boss' });
  const word = await run.signal<{ word: string }>('word');
  const early = await run.signal('early');
  const denied = await run.gate('denied').catch((fault: Error) => fault.message);
  const silent = await run.gate('silent', { timeoutMs: 5 }).catch((fault: Error) => fault.message);
  return { gate: gate.value, strict: strict.choice, word, early, denied, silent };
});

const child = workflow('child', async (run, n: number) => run.ask<number>('double', n));
const badChild = workflow('bad-child', async (run) => run.ask('nobody'));
const family = workflow('family', { budget: { calls: 20 } }, async (run) => {
  const [a, b] = await Promise.all([
    run.workflow(child, 1, { key: 'a' }),
    run.workflow(child, 2, { key: 'b', budget: { calls: 3 } }),
  ]);
  const bad = await run.workflow('bad-child').catch((fault: Error) => fault.message);
  return { a, b, bad };
});

const relay = workflow('relay', async (run, left: number): Promise<string> => {
  await run.ask('double', left);
  if (left > 0) run.continueAsNew(left - 1);
  return 'there';
});

export const plainWorkloads: Workload[] = [
  {
    name: 'kinds',
    about: 'every kind of step that code can ask for, under a budget, with labels',
    async run(lab) {
      const site = await lab.open([kinds], [maths()]);
      const run = await site.start(kinds, { n: 21 }, { goal: 'show all kinds', deadlineMs: Date.now() + 60_000 });
      await run.output();
      return [run.run];
    },
  },
  {
    name: 'asking',
    about: 'gates and signals: approved, edited, denied, refused for want of a right, too late, twice',
    async run(lab) {
      const site = await lab.open([asking]);
      const { run } = await site.start(asking);
      const nobody = { id: 'nobody', rights: ['signal:*'] };
      const boss = { id: 'boss', rights: ['gate:boss', 'run:cancel'] };
      await site.signal(run, 'early', 1, { id: 'e1' });
      await lab.until(run, 'the gate', (s) => s.open.has('agree'));
      await site.approve(run, 'agree', { by: nobody });
      // Past the verb, which would refuse it at once.
      const body = { in: 'gate', step: 'nothing', id: 'n1', choice: 'approve', by: boss, letter: '' };
      await lab.store.post([{ to: run, id: 'gate:n1', dueMs: 0, body: JSON.stringify(body) }]);
      await site.edit(run, 'agree', { text: 'yes, you' }, { reason: 'said better' });
      await lab.until(run, 'the strict gate', (s) => s.open.has('strict'));
      await site.approve(run, 'strict', { by: nobody });
      await site.approve(run, 'strict', { by: boss });
      await site.signal(run, 'word', 'no right', { by: { id: 'stranger', rights: [] } });
      await site.cancel(run, 'no right either', nobody);
      await site.resolveDrift(run, 'agree', 'keep', nobody);
      await site.signal(run, 'word', { word: 'hello' }, { id: 'w1', by: nobody });
      await site.signal(run, 'word', { word: 'hello' }, { id: 'w1', by: nobody });
      await lab.until(run, 'the gate to deny', (s) => s.open.has('denied'));
      await site.deny(run, 'denied', { reason: 'not today' });
      await site.handle(run).output();
      return [run];
    },
  },
  {
    name: 'family',
    about: 'children that draw on the budget of their parent, or bring their own, or fail',
    async run(lab) {
      const site = await lab.open([family, child, badChild], [maths()]);
      const run = await site.start(family);
      await run.output();
      return [run.run, ...['child#a', 'child#b', 'bad-child'].map((step) => `${run.run}.${step}`)];
    },
  },
  {
    name: 'relay',
    about: 'a run that continues as new, twice',
    async run(lab) {
      const site = await lab.open([relay], [maths()]);
      const run = await site.start(relay, 2);
      await run.output();
      return [run.run, `${run.run}~2`, `${run.run}~3`];
    },
  },
];
