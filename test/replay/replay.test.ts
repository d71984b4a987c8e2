/** Every run of the workloads is decided again, equal; and whatever is planted in decide is found where it first shows. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canonicalJson } from '../../src/base/index.ts';
import { decide } from '../../src/flow/index.ts';
import {
  type Event,
  type EventType,
  foldTurn,
  newRunState,
  type RunState,
  stateToText,
  textToState,
  type Turn,
} from '../../src/model/index.ts';
import { loadRun } from '../../src/site/load.ts';
import { type Decide, replay, replayTurn } from '../../src/site/replay.ts';
import { type Lab, openLab, workloads } from '../workloads/index.ts';

const labs: Lab[] = [];
const runs: { of: string; lab: Lab; run: string }[] = [];

beforeAll(async () => {
  await Promise.all(
    workloads.map(async (workload) => {
      const lab = openLab();
      labs.push(lab);
      for (const run of await workload.run(lab)) runs.push({ of: workload.name, lab, run });
    }),
  );
});
afterAll(() => Promise.all(labs.map((lab) => lab.close())));

describe('replay', () => {
  test.each(workloads.map((w) => [w.name, w.about]))('%s: %s', async (name) => {
    const own = runs.filter((one) => one.of === name);
    expect(own.length).toBeGreaterThan(0);
    for (const { lab, run } of own) {
      const { state } = await loadRun(lab.store, run);
      expect(await replay(lab.store, run)).toMatchObject({ equal: true, from: 0, events: state.head });
    }
  });

  test('a state that was a snapshot at any turn goes on as if it had not been', async () => {
    for (const { lab, run } of runs) {
      let copy = newRunState(run);
      const { state } = await loadRun(lab.store, run, {
        take(state, turn) {
          // A copy in which what is erased is known as such.
          const own = textToState(stateToText(turn as never)) as unknown as Turn;
          const again = replayTurn(copy, own);
          if (again !== undefined) throw new Error(`${run} at ${again.at}: ${JSON.stringify(again)}`);
          copy = textToState(stateToText(copy));
          foldTurn(state, turn);
          return true;
        },
      });
      expect(plain(copy)).toBe(plain(state));
    }
  });

  test('a run that is not there is not equal, it is not found', async () => {
    await expect(replay(labs[0]!.store, 'nothing')).rejects.toMatchObject({ code: 'not-found' });
  });
});

function plain(state: RunState): string {
  return canonicalJson(JSON.parse(stateToText(state)));
}

/** A change in decide: what it does to the first event of this type, in a run that has one. */
interface Planted {
  name: string;
  type: EventType;
  change(event: Event, events: Event[]): Event[];
}

const edit =
  (change: Record<string, unknown>) =>
  (event: Event, events: Event[]): Event[] =>
    events.map((e) => (e === event ? { ...e, ...change } : e));
const drop = (event: Event, events: Event[]) => events.filter((e) => e !== event);
const twice = (event: Event, events: Event[]) => events.flatMap((e) => (e === event ? [e, e] : [e]));

const planted: Planted[] = [
  { name: 'another seed', type: 'run.admitted', change: edit({ seed: 'other' }) },
  { name: 'another agent', type: 'attempt.begun', change: edit({ agent: 'somebody else' }) },
  { name: 'nothing held', type: 'attempt.begun', change: edit({ held: {} }) },
  { name: 'a cost forgotten', type: 'attempt.ended', change: edit({ cost: { money: 1 } }) },
  { name: 'labels lost', type: 'run.ended', change: edit({ labels: ['none'] }) },
  { name: 'a longer wait', type: 'timer.set', change: edit({ dueMs: 1 }) },
  { name: 'no unknown at a claim', type: 'effect.unknown', change: drop },
  { name: 'settled twice', type: 'step.settled', change: twice },
  { name: 'never settled', type: 'step.settled', change: drop },
  { name: 'an orphan overlooked', type: 'step.orphaned', change: drop },
  { name: 'another verdict', type: 'agree.verdict', change: edit({ chosen: 9 }) },
  { name: 'a join that froze too much', type: 'join.frozen', change: edit({ inputs: ['x'] }) },
  { name: 'a want unanswered', type: 'budget.answered', change: drop },
  { name: 'an undo out of order', type: 'undo.begun', change: edit({ step: 'other' }) },
  { name: 'healed otherwise', type: 'fault.healed', change: edit({ by: 'person' }) },
  { name: 'an overrun unseen', type: 'budget.overrun', change: drop },
  { name: 'a cut set forgotten', type: 'fault.escalated', change: edit({ cut: [] }) },
  { name: 'a refusal swallowed', type: 'letter.refused', change: drop },
  { name: 'another output', type: 'run.ended', change: edit({ data: 'other' }) },
];

function plant({ type, change }: Planted): Decide {
  return (state, input, at) => {
    const decision = decide(state, input, at);
    const event = decision.events.find((e) => e.type === type);
    return event === undefined ? decision : { ...decision, events: change(event, decision.events) };
  };
}

describe('a change in decide', () => {
  test.each(planted)('$name', async (one) => {
    let found = 0;
    for (const { lab, run } of runs) {
      const seqs: number[] = [];
      await loadRun(lab.store, run, {
        snapshot: false,
        take(state, turn) {
          turn.events.forEach((event, i) => event.type === one.type && seqs.push(state.head + i));
          foldTurn(state, turn);
          return true;
        },
      });
      const said = await replay(lab.store, run, { decide: plant(one) });
      if (seqs.length === 0) expect(said.equal).toBe(true);
      if (said.equal) continue;
      found++;
      // Said of an event twice, the difference is the event after it.
      const first = one.change === twice ? seqs[0]! + 1 : seqs[0]!;
      if (said.at !== first) expect(seqs.map((seq) => seq + (one.change === twice ? 1 : 0))).toContain(said.at);
      expect(said.expected ?? said.got).toBeDefined();
    }
    expect(found).toBeGreaterThan(0);
  });

  test('a decide that throws is a difference with a reason', async () => {
    const { lab, run } = runs[0]!;
    const said = await replay(lab.store, run, {
      decide: () => {
        throw new Error('not today');
      },
    });
    expect(said).toMatchObject({ equal: false, at: 0, trouble: 'not today' });
  });

  test('a journal that is decided otherwise now still folds to the state it had', async () => {
    const of = runs.find((one) => one.of === 'healing')!;
    const longer = planted.find((one) => one.name === 'a longer wait')!;
    const said = await replay(of.lab.store, of.run, { decide: plant(longer) });
    expect(said).toMatchObject({ equal: false, expected: { type: 'timer.set' }, got: { type: 'timer.set', dueMs: 1 } });
    const { state } = await loadRun(of.lab.store, of.run);
    expect(state.outcome).toBe('completed');
  });
});
