/** Workloads in which agents fail: retries, other agents, lesser goals, panels, budgets, undo. */
import { Fault } from '../../src/base/index.ts';
import { workflow } from '../../src/author/index.ts';
import { functionAgent } from '../../src/ports/agent/index.ts';
import { sleep, type Workload } from './lab.ts';
import { maths } from './plain.ts';

function failing(
  times: number,
  retry: 'same' | 'elsewhere' | 'never',
  code: 'agent.busy' | 'agent.failed' = 'agent.busy',
) {
  let left = times;
  return (n: number) => {
    if (left-- > 0) throw new Fault(code, 'not now', { retry, afterMs: 1 });
    return n * 2;
  };
}

const healing = workflow('healing', async (run) => {
  const retry = { firstMs: 1, maxMs: 2 };
  const same = await run.ask('busy', 1, { retry });
  const elsewhere = await run.ask('broken', 1);
  const lesser = await run.ask('best', 1, { retry, lesser: ['good'] });
  const late = await run.ask('never-comes', 1, { timeoutMs: 5 }).catch((fault: Error) => fault.message);
  const lost = await run.ask('broken', 1, { key: 'only', agent: 'a' }).catch((fault: Error) => fault.message);
  return { same, elsewhere, lesser, late, lost };
});

const panels = workflow('panels', async (run) => {
  const sure = await run.ask('vote', 'yes', { agree: { by: 'majority', panel: 3 } });
  const split = await run
    .ask('split', 1, { agree: { by: 'majority', panel: 2 } })
    .catch((fault: Error) => fault.message);
  return { sure, split };
});

const spending = workflow('spending', { budget: { money: 10 } }, async (run) => {
  const cheap = await run.ask('cheap', 1);
  const dear = await run.ask('dear', 1);
  const none = await run.ask('cheap', 2, { key: 'again' }).catch((fault: Error) => fault.message);
  return { cheap, dear, none };
});

const poor = workflow('poor', async (run) => run.ask('cheap', 1));
const estate = workflow('estate', { budget: { money: 3 } }, async (run) => {
  const branch = (key: string) => run.workflow('poor', 1, { key }).catch((fault: Error) => fault.message);
  return { a: await branch('a'), b: await branch('b') };
});
const middle = workflow('middle', async (run) => run.workflow('poor'));
const dynasty = workflow('dynasty', { budget: { money: 3 } }, async (run) => run.workflow('middle'));

export const sinks = (world: string[] = []) =>
  functionAgent('sink', {
    skills: {
      send: { effect: 'idempotent', keyed: true, run: (n: number) => world.push(`send ${n}`) },
      book: {
        effect: 'reversible',
        run: (n: number) => world.push(`book ${n}`),
        undo: (call) => void world.push(`unbook ${JSON.stringify(call.input)}`),
      },
      stick: {
        effect: 'reversible',
        run: (n: number) => world.push(`stick ${n}`),
        undo: () => {
          throw new Fault('agent.failed', 'it sticks', { retry: 'same' });
        },
      },
      fire: { effect: 'irreversible', run: (n: number) => world.push(`fire ${n}`) },
    },
  });

const undoing = workflow('undoing', async (run) => {
  await run.effect('book', 1);
  await run.effect('stick', 2);
  await run.effect('book', 3, { key: 'b' });
  throw new Error('all for nothing');
});

const gated = workflow('gated', async (run) => {
  const bare = await run.effect('fire', 0, { key: 'bare' }).catch((fault: Error) => fault.message);
  await run.gate('ok');
  await run.effect('fire', 1, { gate: 'ok' });
  await run.effect('fire', 2, { key: 'b', right: 'gate:fire' });
  return bare;
});

const endless = workflow('endless', async (run) => {
  await run.effect('book', 1);
  await run.all('both', { a: (inner) => inner.wait('w', { ms: 60_000 }), b: (inner) => inner.signal('s') });
});
const parent = workflow('parent', async (run) => run.workflow('endless'));

export const troubleWorkloads: Workload[] = [
  {
    name: 'healing',
    about: 'the same again, elsewhere, a lesser goal, a time-out, and no way left',
    async run(lab) {
      const a = functionAgent('a', {
        skills: {
          busy: failing(2, 'same'),
          broken: failing(9, 'elsewhere', 'agent.failed'),
          best: failing(9, 'same'),
          'never-comes': () => new Promise(() => {}),
        },
      });
      const b = functionAgent('b', { skills: { broken: (n: number) => n * 3, good: (n: number) => n } });
      const site = await lab.open([healing], [a, b]);
      const run = await site.start(healing);
      await run.output();
      return [run.run];
    },
  },
  {
    name: 'panels',
    about: 'three are asked and two agree; two are asked and do not',
    async run(lab) {
      const voter = (name: string, vote: string) =>
        functionAgent(name, { skills: { vote: () => vote, split: () => name } });
      const site = await lab.open([panels], [voter('a', 'yes'), voter('b', 'no'), voter('c', 'yes')]);
      const run = await site.start(panels);
      await run.output();
      return [run.run];
    },
  },
  {
    name: 'budgets',
    about:
      'a budget overrun by a call that costs more than its price; children that draw, in two generations, and are refused',
    async run(lab) {
      const shop = functionAgent('shop', {
        skills: {
          cheap: { price: { money: 2 }, run: (n: number) => n },
          dear: { price: { money: 5 }, run: (n: number) => n, cost: () => ({ money: 9 }) },
        },
      });
      const site = await lab.open([spending, estate, poor, middle, dynasty], [shop]);
      const runs = [await site.start(spending), await site.start(estate), await site.start(dynasty)] as const;
      for (const run of runs) await run.output();
      const [first, second, third] = runs.map((r) => r.run);
      return [
        first!,
        second!,
        `${second}.poor#a`,
        `${second}.poor#b`,
        third!,
        `${third}.middle`,
        `${third}.middle.poor`,
      ];
    },
  },
  {
    name: 'undoing',
    about: 'a run fails and undoes its effects in reverse order; one of them sticks',
    async run(lab) {
      const site = await lab.open([undoing], [sinks()]);
      const run = await site.start(undoing);
      await run.result();
      return [run.run];
    },
  },
  {
    name: 'gated',
    about: 'irreversible effects: without a gate, behind one, and by a right',
    async run(lab) {
      const site = await lab.open([gated], [sinks()]);
      const { run } = await site.start(gated);
      await lab.until(run, 'the gate', (s) => s.open.has('ok'));
      await site.approve(run, 'ok');
      await lab.until(run, 'the right', (s) => s.steps.get('fire#b')?.at === 'gated');
      await site.approve(run, 'fire#b');
      await site.handle(run).output();
      return [run];
    },
  },
  {
    name: 'ending',
    about: 'cancelled with a child below, and out of time',
    async run(lab) {
      const site = await lab.open([endless, parent], [sinks()]);
      const { run } = await site.start(parent);
      await lab.until(`${run}.endless`, 'the wait', (s) => s.open.size === 3).catch(() => {});
      await site.cancel(run, 'enough');
      await site.handle(run).result();
      await site.handle(`${run}.endless`).result();
      const late = await site.start(endless, undefined, { deadlineMs: Date.now() + 15 });
      await late.result();
      return [run, `${run}.endless`, late.run];
    },
  },
  {
    name: 'still open',
    about: 'a run that is not over: its code waits, a call is out',
    async run(lab) {
      const hold = functionAgent('hold', { skills: { hold: () => new Promise(() => {}) } });
      const open = workflow('open', async (run) => {
        await run.ask('double', 1);
        await Promise.all([run.ask('hold', 1, { timeoutMs: 3_600_000 }), run.signal('s'), run.gate('g')]);
      });
      const site = await lab.open([open], [maths(), hold]);
      const { run } = await site.start(open);
      await lab.until(run, 'all asked', (s) => s.open.size === 3);
      await sleep(5);
      return [run];
    },
  },
];
