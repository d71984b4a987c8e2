/** Planted: decisions on a state or an input that is not what it should be, and folds that forget. */
import type { RunState } from '../../model/index.ts';
import { wrongDecision, wrongState } from './deciding.ts';
import type { Tooth } from './tooth.ts';

export const stateTeeth: readonly Tooth[] = [
  unheld('budget after the call', 'nothing is held before a call: the bill comes after', () => true),
  unheld(
    'budget after a restore',
    'a run that was restored spends as if it had no budget',
    (state) => state.restoredMs !== undefined,
  ),
  wrongDecision('budget overdrawn', 'a call begins though the budget cannot hold it', ['budget.held'], () => {
    let limit: RunState['budget']['limit'];
    return {
      before(state) {
        limit = state.budget.limit;
        if (limit?.money !== undefined) state.budget.limit = { ...limit, money: limit.money * 2 };
        return undefined;
      },
      after(d, input) {
        if (limit !== undefined && input.in !== 'admit' && input.in !== 'budget') d.state.budget.limit = limit;
      },
    };
  }),
  wrongState(
    'unknown taken as failed',
    'a lost answer counts as a failure: tried elsewhere',
    ['effect.repeated'],
    (_, input) => {
      if (input.in !== 'answer' || input.fault?.code !== 'step.timeout') return undefined;
      return { ...input, fault: { ...input.fault, code: 'overloaded', retry: 'elsewhere' } };
    },
  ),
  wrongState('gate without right', 'whoever answers a gate is believed', ['rights.kept'], (_, input) =>
    input.in === 'gate' || input.in === 'signal' ? { ...input, by: { ...input.by, rights: ['*'] } } : undefined,
  ),
  wrongState('no gate', 'what is irreversible passes without a word', ['effect.ungated'], (state) => {
    for (const id of state.open) {
      const step = state.steps.get(id)!;
      if (step.spec.gate !== undefined || step.spec.right !== undefined) step.passed = true;
    }
  }),
  wrongState('message taken twice', 'messages that were heard are heard again', ['heard.once'], (state, input) => {
    if (input.in === 'signal' || input.in === 'gate') state.heard.clear();
  }),
  wrongState(
    'answer counted twice',
    'an answer that comes again is counted again',
    ['attempt.once'],
    (state, input) => {
      if (input.in !== 'answer') return;
      const attempt = state.steps.get(input.step)?.attempts?.find((a) => a.n === input.n);
      if (attempt?.status === 'answered') attempt.status = 'open';
    },
  ),
  wrongState('late answer as output', 'a late answer settles its step again', ['settled.once'], (state, input) => {
    const step = input.in === 'answer' ? state.steps.get(input.step) : undefined;
    if (step === undefined || step.settledSeq === 0) return;
    step.settledSeq = 0;
    step.at = 'working';
    state.open.add(step.id);
  }),
  wrongState(
    'settled begins again',
    'after a takeover a settled step is worked again',
    ['settled.once'],
    (state, input) => {
      if (input.in !== 'claim') return;
      for (const step of state.steps.values()) {
        if (step.kind !== 'ask' || step.settledSeq === 0) continue;
        step.settledSeq = 0;
        step.at = 'asked';
        state.open.add(step.id);
        return;
      }
    },
  ),
  wrongDecision(
    'poison for ever',
    'a run that takes its workers down is tried again for ever',
    ['poison.aside'],
    () => {
      let claims: number | undefined;
      return {
        before(state, input) {
          ({ claims } = state);
          if (input.in === 'claim') state.claims = undefined;
          return undefined;
        },
        after(d, input) {
          if (input.in === 'claim' && claims !== undefined && d.state.claims !== undefined) d.state.claims += claims;
        },
      };
    },
  ),
  wrongDecision(
    'set aside at once',
    'a run is set aside when the second worker in a row is lost',
    ['poison.needless'],
    () => ({
      before(state, input) {
        if (input.in === 'claim' && state.claims !== undefined) state.claims += 7;
        return undefined;
      },
    }),
  ),
  wrongDecision('poison let go', 'a run that was set aside goes on with the next worker', ['poison.still'], () => {
    let aside: RunState['quarantine'];
    let claims: number | undefined;
    return {
      before(state, input) {
        aside = input.in === 'claim' ? state.quarantine : undefined;
        if (aside === undefined) return undefined;
        ({ claims } = state);
        state.quarantine = undefined;
        state.claims = undefined;
        return undefined;
      },
      after(d) {
        if (aside === undefined) return;
        d.state.quarantine = aside;
        d.state.claims = claims;
      },
    };
  }),
  wrongState('undo in order', 'an abort undoes the oldest first', ['undo.order'], (state, input) => {
    if (state.phase === 'running' && input.in === 'returned') state.effects.reverse();
  }),
  wrongState('no undo', 'an abort leaves what was done', ['undo.whole'], (state) => {
    for (const done of state.effects) done.undoes = false;
  }),
  wrongState('undo of children', 'an abort leaves what child runs did', ['undo.whole'], (state) => {
    for (const done of state.effects) if (done.of !== undefined) done.undoes = false;
  }),
  wrongState('restore unsaid', 'a run does not know that it was restored', ['effect.repeated'], (state) => {
    state.restoredMs = undefined;
  }),
  wrongState('healed unsaid', 'a step that failed goes on as if it had not', ['failure.told'], (state) => {
    for (const id of state.open) state.steps.get(id)!.failingSince = undefined;
  }),
  forgets('effects', (state) => {
    state.effects = [];
  }),
  forgets('what is held', (state) => {
    state.budget.held = {};
  }),
  forgets('signals that wait', (state) => {
    state.signals.clear();
  }),
  forgets('retry timers', (state) => {
    state.timers.clear();
  }),
  forgets('the turn of a loop', (state) => {
    for (const step of state.steps.values()) if (step.kind === 'loop' && step.settledSeq === 0) step.turn = undefined;
  }),
];

function forgets(what: string, forget: (state: RunState) => void): Tooth {
  return wrongState(`fold forgets ${what}`, `after a takeover ${what} are not known`, ['fold.live'], (state, input) => {
    if (input.in === 'claim') forget(state);
  });
}

/** While it decides, such a run knows of no limit. */
function unheld(id: string, bug: string, hits: (state: RunState) => boolean): Tooth {
  return wrongDecision(id, bug, ['budget.spent'], () => {
    let limit: RunState['budget']['limit'];
    return {
      before(state) {
        limit = state.budget.limit;
        if (hits(state)) state.budget.limit = undefined;
        return undefined;
      },
      after(d) {
        d.state.budget.limit ??= limit;
      },
    };
  });
}
