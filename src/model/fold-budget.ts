/** Budgets shared down the tree of runs. */
import { addAmounts, amountsLeft, subtractAmounts } from './amounts.ts';
import type { EventOf } from './events.ts';
import type { BudgetState, RunState } from './state.ts';
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
      }
      (state.children ??= new Set()).add(event.run);
      lend(budget, event.run, event.held);
      return;
    }
    case 'child.ended': {
      const step = state.steps.get(event.step);
      const lent = budget.lent.get(event.run);
      if (lent !== undefined) {
        budget.held = subtractAmounts(budget.held, lent);
        budget.lent.delete(event.run);
      }
      if (event.spent !== undefined) budget.spent = addAmounts(budget.spent, event.spent);
      if (event.next === undefined) return;
      // The run that carries it on has what is left.
      (state.children ??= new Set()).add(event.next);
      if (lent !== undefined) lend(budget, event.next, amountsLeft(lent, event.spent));
      if (step !== undefined) step.child = event.next;
      return;
    }
    case 'budget.wanted': {
      budget.wants.set(event.id, {
        amounts: event.amounts,
        step: event.step,
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
      lend(budget, event.child, event.granted);
      return;
    case 'budget.overrun':
      return;
  }
}

function lend(budget: BudgetState, child: string, amounts: Amounts | undefined): void {
  if (amounts === undefined) return;
  budget.lent.set(child, addAmounts(budget.lent.get(child) ?? {}, amounts));
  budget.held = addAmounts(budget.held, amounts);
}
