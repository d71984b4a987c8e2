/** Budgets shared down the tree of runs. */
import { escapeKey } from '../base/index.ts';
import { addAmounts, restrictTo, subtractAmounts } from './amounts.ts';
import type { EventOf } from './events.ts';
import { type BudgetState, grown, type RunState, type StepState } from './state.ts';
import type { Amounts } from './words.ts';

type BudgetEvent = EventOf<
  'child.started' | 'child.ended' | 'budget.wanted' | 'budget.heard' | 'budget.answered' | 'budget.overrun'
>;

export function foldBudget(state: RunState, event: BudgetEvent): void {
  const { budget } = state;
  switch (event.type) {
    case 'child.started': {
      const step = state.steps.get(event.step);
      if (step !== undefined) {
        step.child = event.run;
        step.at = 'working';
        step.childHeld = event.held;
      }
      (state.children ??= new Set()).add(event.run);
      if (event.held !== undefined) budget.held = addAmounts(budget.held, event.held);
      return;
    }
    case 'child.ended':
      return foldChildEnded(state, event);
    case 'budget.wanted': {
      (budget.wants = grown(budget.wants)).set(event.id, {
        amounts: event.amounts,
        step: event.step,
        agent: event.agent,
        child: event.child,
        asked: event.asked,
      });
      const step = event.step === undefined ? undefined : state.steps.get(event.step);
      if (step !== undefined) step.at = 'budget';
      return;
    }
    case 'budget.heard': {
      const want = budget.wants.get(event.id);
      budget.wants.delete(event.id);
      if (event.granted !== undefined) budget.limit = addAmounts(budget.limit ?? {}, event.granted);
      if (want?.step !== undefined) {
        const step = state.steps.get(want.step);
        if (step?.at === 'budget') step.at = 'asked';
      }
      return;
    }
    case 'budget.answered':
      if (event.granted !== undefined) lend(budget, event.child, event.granted);
      return;
    case 'budget.overrun':
      return;
  }
}

function foldChildEnded(state: RunState, event: EventOf<'child.ended'>): void {
  const { budget } = state;
  const { spent, next } = event;
  const lent = budget.lent.get(event.run);
  if (lent !== undefined) {
    budget.held = subtractAmounts(budget.held, lent);
    budget.lent.delete(event.run);
    if (next !== undefined) lend(budget, next, rest(lent, spent));
  }
  if (spent !== undefined) budget.spent = addAmounts(budget.spent, spent);
  const step = state.steps.get(event.step);
  noteChildEffects(state, event, step);
  if (step === undefined || step.child !== event.run) return;
  if (step.childHeld !== undefined) {
    budget.held = subtractAmounts(budget.held, step.childHeld);
    step.childHeld = next === undefined ? undefined : rest(step.childHeld, spent);
    if (step.childHeld !== undefined) budget.held = addAmounts(budget.held, step.childHeld);
  }
  if (next !== undefined) step.child = next;
  else step.childEnded = true;
}

/** In our book they stand inside of its step. Where nobody waited for the child any more, nobody wants them. */
function noteChildEffects(state: RunState, event: EventOf<'child.ended'>, step: StepState | undefined): void {
  const isWanted = step?.child === event.run && (step.settledSeq === 0 || step.out === 'ok');
  for (const { step: inner, ...done } of event.effects ?? [])
    state.effects.push({
      ...done,
      step: `${event.step}/${escapeKey(inner)}`,
      undoes: true,
      state: 'done',
      unwanted: isWanted ? undefined : true,
      tries: 0,
    });
}

function lend(budget: BudgetState, child: string, amounts: Amounts): void {
  (budget.lent = grown(budget.lent)).set(child, addAmounts(budget.lent.get(child) ?? {}, amounts));
  budget.held = addAmounts(budget.held, amounts);
}

/** Its step is worked anew: what the child holds of ours comes back when it ends. */
export function foldForsaken(state: RunState, step: StepState): void {
  if (step.child === undefined || step.childEnded === true) return;
  const { budget } = state;
  const lent = addAmounts(budget.lent.get(step.child) ?? {}, step.childHeld);
  (budget.lent = grown(budget.lent)).set(step.child, lent);
}

/** A step that is taken away waits for nothing more: what comes of it is still ours, but nobody's answer. */
export function dropWants({ budget }: RunState, step: string): void {
  for (const want of budget.wants.values()) if (want.step === step) want.step = undefined;
}

/** What a run that goes on as a new one leaves to that. */
function rest(held: Amounts, spent: Amounts | undefined): Amounts {
  const left = subtractAmounts(held, spent === undefined ? undefined : restrictTo(spent, held));
  return Object.fromEntries(Object.entries(left).map(([d, amount]) => [d, Math.max(0, amount)] as const));
}
