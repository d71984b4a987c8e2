/** Plan: a step is asked otherwise than it was worked. The author's word decides, or a person's. */
import { type Deciding, emit, faultData, type StepAsk, type StepState } from '../../model/index.ts';
import { hasActed } from './same.ts';

/** A redo that would repeat an effect is never the author's word alone. */
export function handleDrift(d: Deciding, step: StepState, ask: StepAsk, why: string): 'keep' | 'redo' | 'handled' {
  // Of an erased input nobody can say what it was: the result stands.
  const otherwise = d.state.erased === undefined ? 'ask' : 'keep';
  const policy = ask.spec?.drift ?? step.spec.drift ?? d.state.drift ?? otherwise;
  const found = step.driftHash !== ask.hash || step.drifted?.kind !== ask.kind;
  if (found) {
    const { data, labels, ...rest } = ask;
    emit(d, { type: 'drift.found', step: step.id, had: step.hash, has: ask.hash, ask: rest, data, labels });
  } else if (step.asleep) emit(d, { type: 'step.resumed', step: step.id });
  if (policy === 'keep') {
    emit(d, { type: 'drift.answered', step: step.id, choice: 'keep', by: d.state.by });
    return 'keep';
  }
  if (policy === 'redo' && !hasActed(d, step)) {
    emit(d, { type: 'drift.answered', step: step.id, choice: 'redo', by: d.state.by });
    return 'redo';
  }
  // Meanwhile it is found out whether what may have happened did.
  if (step.attempts !== undefined) d.todo.push({ to: 'resume', step: step.id });
  if (!found) return 'handled';
  const fault = faultData(
    'step.drift',
    `step '${step.id}' drifted: ${why} (it had ${step.hash}, it has ${ask.hash})`,
    'never',
    { step: step.id, had: step.hash, has: ask.hash, was: step.kind, is: ask.kind },
  );
  emit(d, { type: 'fault.escalated', step: step.id, to: 'person', fault, cut: [] });
  d.barrier = true;
  return 'handled';
}

/** The code asks for the former input again: there is nothing left to decide. */
export function withdrawDrift(d: Deciding, step: StepState): void {
  if (step.driftHash === undefined) return;
  emit(d, { type: 'drift.answered', step: step.id, choice: 'withdrawn', by: d.state.by });
}
