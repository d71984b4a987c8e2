/** Workloads in which a run's workers die one after the other, until it is set aside. */
import { plan } from '../../src/author/index.ts';
import { functionAgent } from '../../src/ports/agent/index.ts';
import type { Lab, Workload } from './lab.ts';

const one = plan('one').step('boom', { ask: 'boom' }).workflow();
const two = plan('two').step('boom', { ask: 'boom' }).step('bang', { ask: 'boom' }).workflow();
const hangs = functionAgent('worker', { skills: { boom: () => new Promise(() => {}) } });
const mended = functionAgent('worker', { skills: { boom: () => 'mended' } });

/** Takes it up so often that it is set aside; between, a worker stops in good order. */
async function poison(lab: Lab, run: string): Promise<void> {
  let stopped = false;
  for (let taken = 0; taken < 20; taken++) {
    const { epoch } = await lab.until(run, 'its journal', () => true);
    const site = await lab.open([one, two], [hangs]);
    const state = await lab.until(run, 'a take', (s) => s.epoch > epoch);
    if (!stopped && state.claims === 2) {
      stopped = true;
      await site.stop({ graceMs: 0 });
    } else lab.kill(site);
    if (state.quarantine !== undefined) return;
  }
  throw new Error(`run ${run} was not set aside`);
}

export const poisonWorkloads: Workload[] = [
  {
    name: 'set aside',
    about: 'workers die with it, and it is set aside; a person lets it go on, gives its result, or gives it up',
    async run(lab) {
      const runs = ['approved', 'edited', 'denied', 'cancelled'];
      for (const run of runs) {
        const site = await lab.open([one, two], [hangs]);
        await site.start(run === 'edited' || run === 'approved' ? one : two, null, { id: run });
        await lab.until(run, 'the call', (s) => (s.steps.get('boom')?.attempts?.length ?? 0) > 0);
        lab.kill(site);
        await poison(lab, run);
      }
      const site = await lab.open([one, two], [mended]);
      await site.approve('approved', '*');
      await site.edit('edited', '*', 'by hand');
      // Two steps were under way: there is no one result.
      await site.edit('denied', '*', 'by hand', { id: 'no-one-result' });
      await lab.until('denied', 'the refusal', (s) => s.heard.has('no-one-result'));
      await site.deny('denied', '*');
      await site.cancel('cancelled', 'enough of it');
      for (const run of runs) await lab.until(run, 'its end', (s) => s.phase === 'ended');
      return runs;
    },
  },
];
