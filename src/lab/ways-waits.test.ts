/** Another way while the step's own agent is busy for long, or cannot be paid once more; and back to it when that way is none. */
import { expect, test } from 'vitest';
import { workflow } from '../author/index.ts';
import { Fault, type FaultOptions } from '../base/index.ts';
import { functionAgent } from '../ports/agent/index.ts';
import { replay } from '../site/replay.ts';
import { createTrial } from './trial/index.ts';

const HOUR = 3_600_000;

function failing(how: FaultOptions, times = Infinity) {
  let calls = 0;
  return () => {
    if (++calls <= times) throw new Fault('agent.busy', 'later', how);
    return 'own';
  };
}

interface Played {
  own: () => unknown;
  other?: () => unknown;
  deadlineMs?: number;
  money?: number;
}

async function play({ own, other = () => 'other', deadlineMs, money }: Played) {
  const undone: string[] = [];
  const trip = workflow('trip', { budget: money === undefined ? undefined : { money }, deadlineMs }, (run) =>
    run.ask('own', 1, {
      cost: 0.1,
      alternatives: [
        {
          steps: {
            held: { effect: 'hold', class: 'reversible', with: 1, cost: 1 },
            rest: { ask: 'other', with: '${steps.held}', cost: 1 },
          },
        },
      ],
    }),
  );
  const hold = { effect: 'reversible', keyed: true, run: () => 1, undo: () => void undone.push('hold') } as const;
  const price = { money: 0.2 };
  const one = functionAgent('one', {
    skills: { own: { price: { money: 1 }, run: own }, hold: { ...hold, price }, other: { price, run: other } },
  });
  const trial = createTrial();
  const { site } = await trial.open({ agents: [one], workflows: [trip] });
  const begun = trial.clock.nowMs();
  const { run } = await site.start(trip, undefined, { id: 'trip' });
  await trial.clock.until(() => trial.isEnded(run), 24 * HOUR);
  const tookMs = trial.clock.nowMs() - begun;
  const { output, outcome } = await site.handle(run).result();
  const { equal } = await replay(trial.store, run);
  return { outcome, output, tookMs, undone, same: equal };
}

test('an agent that is busy for an hour is not waited for while another way is open', async () => {
  const went = await play({ own: failing({ afterMs: HOUR }) });
  expect(went).toMatchObject({ output: 'other', undone: [], same: true });
  expect(went.tookMs).toBeLessThan(1_000);
  const bound = await play({ own: failing({ afterMs: 10_000 }), deadlineMs: 2_000 });
  expect(bound).toMatchObject({ output: 'other', same: true });
});

test('when that way has failed, what it did is undone, and the busy one is waited for', async () => {
  const no = () => {
    throw new Fault('agent.failed', 'no', { retry: 'elsewhere' });
  };
  const back = await play({ own: failing({ afterMs: HOUR }, 1), other: no });
  expect(back).toMatchObject({ output: 'own', undone: ['hold'], same: true });
  expect(back.tookMs).toBeGreaterThanOrEqual(HOUR);
  expect(back.tookMs).toBeLessThan(2 * HOUR);
  const bound = await play({ own: failing({ afterMs: HOUR }), other: no, deadlineMs: 2_000 });
  expect(bound).toMatchObject({ outcome: 'failed', same: true });
});

test('where the same again cannot be paid, another way is gone', async () => {
  const costly = () => {
    throw new Fault('agent.failed', 'no', { retry: 'same' });
  };
  expect(await play({ own: costly, money: 1.5 })).toMatchObject({ output: 'other', same: true });
  expect(await play({ own: costly, money: 1.3 })).toMatchObject({ outcome: 'failed', same: true });
});
