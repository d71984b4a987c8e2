/** Workloads of what is done to runs: restored from a backup, erased, forked. */
import { workflow } from '../../src/author/index.ts';
import { markRestored } from '../../src/site/backup.ts';
import type { Workload } from './lab.ts';
import { maths } from './plain.ts';
import { sinks } from './trouble.ts';

const booking = workflow('booking', async (run, n: number) => {
  const double = await run.ask<number>('double', n);
  const word = await run.signal('go');
  await run.effect('send', n);
  await run.effect('book', double);
  return { double, word };
});

const drifting = (n: number) =>
  workflow('drifting', async (run) => {
    const mapped = await run.map('each', [1, 2], { itemKey: (i) => i }, (i, inner) => inner.ask('double', i));
    return [await run.ask('double', n, { name: 'work' }), mapped, await run.signal('go')];
  });

export const upkeepWorkloads: Workload[] = [
  {
    name: 'restored',
    about: 'a store is put back from a backup while a run waits',
    async run(lab) {
      const site = await lab.open([booking], [maths(), sinks()]);
      const { run } = await site.start(booking, 2);
      await lab.until(run, 'the signal to be waited for', (s) => s.open.has('go'));
      lab.kill(site);
      await markRestored(lab.store, Date.now());
      const next = await lab.open([booking], [maths(), sinks()]);
      await next.signal(run, 'go', 1);
      await lab.until(run, 'a person to be asked', (s) => s.steps.get('book')?.at === 'person');
      await next.deny(run, 'book');
      await next.handle(run).output();
      return [run];
    },
  },
  {
    name: 'erased',
    about: 'payloads are erased while the run goes on, and all of them when it is over',
    async run(lab) {
      const site = await lab.open([booking], [maths(), sinks()]);
      const { run } = await site.start(booking, 2);
      await lab.until(run, 'the signal to be waited for', (s) => s.open.has('go'));
      await site.erase(run, [0, 2], { reason: 'asked to' });
      await site.erase(run, [2], { reason: 'asked to', by: { id: 'nobody', rights: [] } }).catch(() => {});
      await site.signal(run, 'go', 1);
      await site.handle(run).output();
      const over = await site.start(booking, 3);
      await site.signal(over.run, 'go', 1);
      await over.output();
      await site.erase(over.run, 'payloads', { reason: 'its time is over' });
      return [run, over.run];
    },
  },
  {
    name: 'forked',
    about: 'forks of a run: as it was, with another input and agent, and in the midst of it',
    async run(lab) {
      const site = await lab.open([booking], [maths(), sinks()]);
      const { run } = await site.start(booking, 2);
      await site.signal(run, 'go', 1);
      await site.handle(run).output();
      const same = await site.fork(run);
      const other = await site.fork(run, { beforeStep: 'send', input: 5, agents: { double: 'maths' } });
      const allowed = await site.fork(run, { redo: ['double'], allowEffects: true });
      for (const fork of [same, other, allowed]) {
        await lab.until(
          fork.run,
          'its end, or a person',
          (s) => s.phase === 'ended' || s.steps.get('book')?.driftHash !== undefined,
        );
      }
      return [run, same.run, other.run, allowed.run];
    },
  },
  {
    name: 'drift forked',
    about: 'a drift is answered with a fork, which carries the run on',
    async run(lab) {
      const site = await lab.open([drifting(1)], [maths()]);
      const { run } = await site.start('drifting');
      await lab.until(run, 'the signal to be waited for', (s) => s.open.has('go'));
      lab.kill(site);
      const next = await lab.open([drifting(2)], [maths()]);
      await lab.until(run, 'the drift', (s) => s.steps.get('work')?.driftHash !== undefined);
      await next.resolveDrift(run, 'work', 'fork', undefined, { allowEffects: true });
      await lab.until(`${run}.fork`, 'the fork', (s) => s.open.has('go'));
      await next.signal(`${run}.fork`, 'go', 'went');
      await next.handle(run).output();
      return [run, `${run}.fork`];
    },
  },
];
