/** Every run of the workloads, forked at every turn: what was settled is settled in the fork, alike and in order. */
import { expect, test } from 'vitest';
import { canonicalJson } from '../../src/base/index.ts';
import { decide, forkEvents } from '../../src/flow/index.ts';
import { ERASED, foldTurn, newRunState, type RunState, type Turn } from '../../src/model/index.ts';
import { loadRun } from '../../src/site/load.ts';
import { replayTurns } from '../../src/site/replay.ts';
import { openLab, workloads } from '../workloads/index.ts';

/** What the code could be told of this run. */
function told(state: RunState): unknown {
  // What was erased cannot be kept: it is worked again.
  const settled = [...state.steps.values()].filter((step) => step.settledSeq !== 0 && step.output !== ERASED);
  return {
    settled: settled
      .sort((a, b) => a.settledSeq - b.settledSeq)
      .map(({ id, kind, out, output, fault, labels }) => ({ id, kind, out, output, fault, labels })),
    open: [...state.steps.values()]
      .filter((step) => step.settledSeq === 0 && ['map', 'join', 'loop'].includes(step.kind))
      .map(({ id, turn, carry, branches }) => ({ id, turn, carry, branches: [...(branches ?? [])] }))
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
    signals: [...state.signals].map(([name, waiting]) => [name, waiting]),
  };
}

test.each(workloads.map((w) => [w.name, w] as const))('%s', async (_, workload) => {
  const lab = openLab();
  let points = 0;
  for (const run of await workload.run(lab)) {
    const turns: Turn[] = [];
    await loadRun(lab.store, run, {
      snapshot: false,
      take(state, turn) {
        turns.push(turn);
        foldTurn(state, turn);
        return true;
      },
    });
    const state = newRunState(run);
    for (const turn of turns) {
      foldTurn(state, turn);
      const fork = newRunState('fork');
      const made: Turn[] = [];
      const by = state.by;
      const admit = decide(
        fork,
        {
          in: 'admit',
          run: 'fork',
          workflow: 'w',
          version: '1',
          by,
          seed: '',
          engine: 'e',
          forkOf: { run, seq: state.head },
          blockEffects: true,
        },
        state.at,
      );
      const carried = decide(fork, { in: 'fork', events: forkEvents(state) }, state.at);
      made.push(
        { at: admit.at, in: 'admit', events: admit.events },
        { at: carried.at, in: 'fork', events: carried.events },
      );
      expect(carried.commands).toEqual([]);
      expect(canonicalJson(told(fork))).toBe(canonicalJson(told(state)));
      expect(fork.effects.length).toBe(state.effects.filter((done) => done.state !== 'undone').length);
      expect(replayTurns('fork', JSON.parse(JSON.stringify(made)) as Turn[])).toBeUndefined();
      points++;
    }
  }
  expect(points).toBeGreaterThan(3);
  await lab.close();
});
