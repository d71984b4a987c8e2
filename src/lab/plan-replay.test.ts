/** Plans of chance, replayed and forked: at whatever turn, the fork comes to the end that the run came to. */
import { expect, test } from 'vitest';
import { createSeededChance } from '../base/index.ts';
import { decide, forkEvents } from '../flow/index.ts';
import { type AdmitInput, foldTurn, newRunState, type RunAdmitted, type Turn } from '../model/index.ts';
import { inputOf } from '../flow/index.ts';
import { replayTurns } from '../site/replay.ts';
import { drawPlan } from './draw-plan.ts';
import { startPlay } from './play.ts';

const PLANS = 400;

const copy = (turns: readonly Turn[]) => JSON.parse(JSON.stringify(turns)) as Turn[];

test(`${PLANS} plans of chance are replayed equal, crashed and replanned too`, () => {
  for (let seed = 0; seed < PLANS; seed++) {
    const options = drawPlan(seed);
    const whole = startPlay(options).admit().go();
    expect(replayTurns('run', copy(whole.turns)), `seed ${seed}`).toBeUndefined();
    const kept = 1 + createSeededChance(`crash ${seed}`).int(whole.turns.length - 1);
    const edited = startPlay(options, copy(whole.turns.slice(0, kept))).crash();
    edited.replan({ ...options.plan, goal: 'another' });
    edited.go();
    expect(replayTurns('run', copy(edited.turns)), `seed ${seed}, edited`).toBeUndefined();
  }
});

test(`${PLANS} plans of chance, forked at any turn, end as they did`, () => {
  for (let seed = 0; seed < PLANS; seed++) {
    const options = drawPlan(seed);
    const whole = startPlay(options).admit().go();
    const last = whole.turns.findIndex((turn) =>
      turn.events.some((e) => e.type === 'run.ending' || e.type === 'run.ended'),
    );
    const at = 1 + createSeededChance(`fork ${seed}`).int(Math.max(1, last));
    const turns = copy(whole.turns.slice(0, Math.min(at, last)));
    if (turns.length === 0) continue;
    const state = newRunState('run');
    for (const turn of turns) foldTurn(state, turn);
    const fork = newRunState('run');
    const input = inputOf(newRunState('run'), turns[0]!) as AdmitInput;
    const admit = decide(fork, { ...input, forkOf: { run: 'run', seq: state.head } }, state.at);
    const carried = decide(
      fork,
      { in: 'fork', events: copy([{ at: 0, in: 'fork', events: forkEvents(state) }])[0]!.events },
      state.at,
    );
    const journal = copy([admit, carried].map(({ at, in: kind, events }) => ({ at, in: kind, events })));
    expect(journal[0]!.events[0] as RunAdmitted).toMatchObject({ type: 'run.admitted', forkOf: { run: 'run' } });
    const played = startPlay(options, journal).crash().go();
    expect(played.ended, `seed ${seed}, forked after turn ${turns.length} of ${last}`).toEqual(whole.ended);
    expect(replayTurns('run', copy(played.turns)), `seed ${seed}`).toBeUndefined();
    // What was settled is not worked again.
    const again = new Set(
      played.turns.slice(2).flatMap((turn) => turn.events.flatMap((e) => (e.type === 'step.asked' ? [e.step] : []))),
    );
    for (const step of state.steps.values())
      if (step.settledSeq !== 0) expect(again.has(step.id), `seed ${seed}: ${step.id}`).toBe(false);
  }
});
