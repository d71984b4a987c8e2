/** Words of persons and programs to a run: gates, signals, cancels, drift, erasing. */
import { Fault, freshId } from '../../../base/index.ts';
import { isHeard } from '../../../model/index.ts';
import { createSecureChance, realClock } from '../../../site/clock.ts';
import { openDrifts } from '../../../site/gates.ts';
import { requireRight } from '../../guard/index.ts';
import type { Desk, Handlers } from '../given.ts';
import { isOwn, openRun, READ, seenRun } from '../seeing.ts';
import { underKey } from './key.ts';

type Names = 'answerGate' | 'signalRun' | 'cancelRun' | 'resolveDrift' | 'eraseRun';

export function wordHandlers({ site }: Desk): Handlers<Names> {
  const chance = createSecureChance();
  const fresh = (): string => freshId('h', realClock.nowMs(), chance);

  return {
    async answerGate({ params: { run }, body, by, key }) {
      const { step, choice, value, reason, attempt } = body;
      if (!(await wasHeard(run, key))) {
        // Whoever may answer a gate may know that it is there.
        const gate = (await gatesOf(run)).find((one) => one.step === step);
        const row = await openRun(site, run, by, ...(gate === undefined ? [] : [gate.right]));
        if (gate !== undefined) requireRight(by, gate.right);
        else if (!isOwn(row, by)) requireRight(by, READ);
      }
      const id = key ?? fresh();
      const word = { id, isNew: key === undefined, by, reason, attempt };
      await underKey(key, () =>
        choice === 'edit' ? site.edit(run, step, value, word) : site[choice](run, step, { ...word, value }),
      );
      return { status: 202, body: { run, id } };
    },
    async signalRun({ params: { run }, body: { signal, data }, by, key }) {
      const right = `signal:${signal}`;
      if (!(await wasHeard(run, key))) {
        await openRun(site, run, by, right);
        requireRight(by, right);
      }
      const id = key ?? fresh();
      await underKey(key, () => site.signal(run, signal, data, { id, isNew: key === undefined, by }));
      return { status: 202, body: { run, id } };
    },
    async cancelRun({ params: { run }, body: { reason }, by }) {
      const row = await openRun(site, run, by, 'run:cancel');
      if (!isOwn(row, by)) requireRight(by, 'run:cancel');
      await site.cancel(run, reason, by);
      return { status: 202, body: { run } };
    },
    async resolveDrift({ params: { run }, body: { step, choice, allowEffects }, by }) {
      await openRun(site, run, by, 'run:drift');
      requireRight(by, 'run:drift');
      if (allowEffects === true) requireRight(by, 'effect:allow');
      if (!openDrifts(await site.state(run)).some((drift) => drift.step === step))
        throw new Fault('conflict', `'${step}' of run ${run} has not drifted`);
      await site.resolveDrift(run, step, choice, by, { allowEffects });
      return { status: 202, body: { run } };
    },
    async eraseRun({ params: { run }, body: { seqs, reason }, by }) {
      await seenRun(site, run, by, 'payload:erase');
      const erased = await site.erase(run, seqs === 'all' ? 'payloads' : seqs, { by, reason });
      return { status: 200, body: { run, erased } };
    },
  };

  /**
   * Said again because its answer was lost: its gate is answered, or the run has ended with it. The key is this
   * caller's own; whether the word is the same, the site sees.
   */
  async function wasHeard(run: string, key: string | undefined): Promise<boolean> {
    if (key === undefined || (await site.store.info(run)) === null) return false;
    return isHeard(await site.state(run), key);
  }

  async function gatesOf(run: string) {
    return (await site.store.info(run))?.status === 'open' ? site.gates(run) : [];
  }
}
