/** Letters: what persons, timers and other runs say to a run. Each is taken by the append that answers it. */
import {
  type Deciding,
  emit,
  erasedData,
  faultData,
  hasRight,
  type Input,
  isGone,
  isHeard,
  passOf,
  presentId,
  type Principal,
  sendCancel,
  sendTimer,
  type StepState,
  WHOLE_RUN,
} from '../model/index.ts';
import { DEADLINE_TIMER } from './admit/index.ts';
import { due, hedge, isDueTimer, isHedgeTimer, noteOverrun, reconciled } from './attempt/index.ts';
import { goOn, quarantineAnswered, retryDue } from './heal/index.ts';
import { driftAnswered, redoDoubt } from './plan/index.ts';
import { cancel, isUndoTimer, leave, undoDue } from './settle/index.ts';

type LetterInput = Extract<Input, { in: 'erase' | 'timer' | 'signal' | 'gate' | 'cancel' | 'child' | 'drift' }>;

/** What a gate asks of the one who answers, when it names no right of its own. */
export const DEFAULT_GATE_RIGHT = 'gate:answer';

export function letter(d: Deciding, input: LetterInput): void {
  switch (input.in) {
    case 'timer':
      return timer(d, input.id);
    case 'signal':
      return signal(d, input);
    case 'gate':
      return gate(d, input);
    case 'cancel':
      // Of a run that took this one for its child.
      if (input.why === 'parent' && input.from !== undefined && input.from !== d.state.parent?.run) return;
      if (!hasRight(input.by, 'run:cancel') && input.why !== 'parent' && input.by.id !== d.state.by.id)
        return refuse(d, `cancel:${d.at}`, 'cancel', input.by, 'run:cancel');
      return ends(d, () => cancel(d, input.by, input.reason, input.why));
    case 'child':
      return child(d, input);
    case 'drift':
      return drift(d, input);
    case 'erase':
      return erase(d, input);
  }
}

/** What was out when a run was set aside is in nobody's hands: it is found out as after a take-over. */
function ends(d: Deciding, end: () => void): void {
  const aside = d.state.quarantine !== undefined;
  end();
  if (aside && d.state.quarantine === undefined) goOn(d);
}

function timer(d: Deciding, id: string): void {
  const { state } = d;
  if (id === DEADLINE_TIMER) {
    emit(d, { type: 'timer.fired', id });
    return ends(d, () => cancel(d, state.by, 'the deadline has passed', 'deadline'));
  }
  if (state.timers.has(id)) {
    emit(d, { type: 'timer.fired', id });
    if (isDueTimer(id)) return due(d, id);
    // Nothing begins: when it may go on, everything does.
    if (state.quarantine !== undefined) return;
    if (isHedgeTimer(id)) return hedge(d, id);
    return isUndoTimer(id) ? undoDue(d, id) : retryDue(d, id);
  }
  const step = id.startsWith('wait|') ? state.steps.get(presentId(state, id.slice(5))) : undefined;
  if (step === undefined || step.settledSeq !== 0 || step.dueMs === undefined) return;
  // Sent for an earlier wording of this wait, or the clock has gone back.
  if (d.at < step.dueMs) return sendTimer(d, `wait|${step.id}`, step.dueMs);
  emit(d, { type: 'timer.fired', id });
  if (step.kind === 'wait') d.todo.push({ to: 'settle', step: step.id, out: 'ok' });
  else
    d.todo.push({
      to: 'settle',
      step: step.id,
      out: 'failed',
      fault: faultData('step.timeout', `nobody answered '${step.id}' in time`, 'never'),
    });
}

function signal(d: Deciding, input: Extract<Input, { in: 'signal' }>): void {
  const { state } = d;
  if (isHeard(state, input.id)) return;
  const right = `signal:${input.signal}`;
  if (!hasRight(input.by, right)) return refuse(d, input.id, `signal ${input.signal}`, input.by, right);
  emit(d, {
    type: 'signal.received',
    signal: input.signal,
    id: input.id,
    by: input.by,
    data: input.data,
    labels: input.labels,
  });
  d.barrier = true;
  for (const id of state.open) {
    const step = state.steps.get(id)!;
    if (step.kind === 'signal' && !step.asleep && step.spec.signal === input.signal)
      return void d.todo.push({ to: 'begin', step: id });
  }
}

function gate(d: Deciding, input: Extract<Input, { in: 'gate' }>): void {
  const { state } = d;
  if (isHeard(state, input.id)) return;
  if (input.step === WHOLE_RUN) {
    if (hasRight(input.by, DEFAULT_GATE_RIGHT)) return quarantineAnswered(d, input);
    return refuse(d, input.id, `gate ${WHOLE_RUN}`, input.by, DEFAULT_GATE_RIGHT);
  }
  const step = state.steps.get(input.step);
  const settled = step !== undefined && step.settledSeq !== 0;
  // A cancelled step may still have a call of which nobody knows whether it happened.
  const unknown = settled || step?.at === 'person' ? step?.attempts?.find((a) => a.status === 'unknown') : undefined;
  // Whether it may be done and whether it was done are two questions: a late word on one is none on the other.
  const isAsked = unknown === undefined && !settled && step?.at === 'person' && step.asked !== undefined;
  const waits = isAsked
    ? input.attempt === undefined
    : unknown !== undefined
      ? input.attempt === unknown.n
      : input.attempt === undefined && !settled && (step?.kind === 'gate' || step?.at === 'gated');
  if (step === undefined || !waits) {
    const fault = faultData('conflict', `'${input.step}' waits for no such answer`);
    const { id, by, attempt } = input;
    emit(d, { type: 'letter.refused', id, what: `gate ${input.step}`, by, attempt, fault });
    return;
  }
  const right = (isAsked ? step.spec.person : passOf(state, step).right) ?? DEFAULT_GATE_RIGHT;
  if (!hasRight(input.by, right)) return refuse(d, input.id, `gate ${input.step}`, input.by, right, input.attempt);
  const wasGated = step.at === 'gated';
  // What the person is shown, and says yes to, is what goes on. An edit gives it anew.
  if (input.choice === 'approve' && unknown === undefined && !isAsked && isGone(state, step.input)) {
    const { id, by } = input;
    const fault = erasedData(`what '${step.id}' shows`);
    return emit(d, { type: 'letter.refused', id, what: `gate ${input.step}`, by, fault });
  }
  d.barrier = true;
  emit(d, {
    type: 'gate.answered',
    step: step.id,
    id: input.id,
    attempt: input.attempt,
    choice: input.choice,
    by: input.by,
    reason: input.reason,
    data: input.data,
  });
  // On an unknown effect: approve = it happened (with this output), deny = it did not.
  if (unknown !== undefined) return reconciled(d, step.id, unknown.n, input.choice !== 'deny', input.by.id, input.data);
  if (isAsked) return personSaid(d, step, input);
  if (input.choice === 'deny') {
    const fault = faultData('gate.denied', input.reason ?? `'${step.id}' was denied by ${input.by.id}`);
    return void d.todo.push({ to: 'settle', step: step.id, out: 'failed', fault });
  }
  if (wasGated) return void d.todo.push({ to: 'begin', step: step.id });
  const value = input.choice === 'edit' ? input.data : step.input;
  d.todo.push({
    to: 'settle',
    step: step.id,
    out: 'ok',
    data: { choice: input.choice, by: input.by.id, value: value ?? null },
  });
}

/** No way was left, and a person was asked: try again, take this for the result, or give it up. */
function personSaid(d: Deciding, step: StepState, input: Extract<Input, { in: 'gate' }>): void {
  const { choice, data, by } = input;
  // What the agent asked for is known now: it is asked again, where it was.
  if (choice !== 'deny' && step.asked === undefined) {
    const agent = step.attempts?.findLast((a) => a.fault?.code === 'input.required')?.agent;
    return void d.todo.push({ to: 'begin', step: step.id, why: 'again', agent });
  }
  if (choice === 'approve') return void d.todo.push({ to: 'begin', step: step.id });
  if (choice === 'edit') return void d.todo.push({ to: 'settle', step: step.id, out: 'ok', data });
  const fault = step.asked ?? faultData('gate.denied', `'${step.id}' was given up by ${by.id}`);
  emit(d, { type: 'fault.escalated', step: step.id, to: 'run', fault, cut: [] });
  d.todo.push({ to: 'settle', step: step.id, out: 'failed', fault });
}

function child(d: Deciding, input: Extract<Input, { in: 'child' }>): void {
  const step = stepOfChild(d, input.run);
  if (step === undefined && !d.state.budget.lent.has(input.run)) return;
  emit(d, {
    type: 'child.ended',
    step: step?.id ?? input.step,
    run: input.run,
    outcome: input.outcome,
    fault: input.fault,
    spent: input.spent,
    next: input.next,
    effects: input.effects,
    data: input.data,
    labels: input.labels,
  });
  d.barrier = true;
  noteOverrun(d, step?.id ?? input.step);
  if (input.outcome === 'continued') {
    if (input.next !== undefined && step?.settledSeq !== 0)
      sendCancel(d, input.next, 'the parent no longer waits for it');
    return;
  }
  if (step === undefined || step.settledSeq !== 0) return void d.todo.push({ to: 'end' });
  if (input.outcome === 'completed')
    d.todo.push({ to: 'settle', step: step.id, out: 'ok', data: input.data, labels: input.labels });
  else
    d.todo.push({
      to: 'settle',
      step: step.id,
      out: 'failed',
      fault: input.fault ?? faultData('step.failed', `the child run ${input.run} was ${input.outcome}`),
    });
}

/** Undefined: its step has been worked anew since, by another child. */
function stepOfChild({ state }: Deciding, run: string): StepState | undefined {
  for (const step of state.steps.values()) if (step.child === run && step.childEnded !== true) return step;
  return undefined;
}

function drift(d: Deciding, input: Extract<Input, { in: 'drift' }>): void {
  const step = d.state.steps.get(input.step);
  if (step?.driftHash === undefined) return;
  if (!hasRight(input.by, 'run:drift'))
    return refuse(d, `drift:${input.step}:${d.at}`, `drift ${input.step}`, input.by, 'run:drift');
  const ask = step.drifted;
  const at = d.state.head;
  const { choice, by, allowEffects } = input;
  const doubt = choice === 'redo' ? redoDoubt(d.state, step.id) : undefined;
  if (doubt !== undefined)
    return emit(d, {
      type: 'letter.refused',
      id: `drift:${input.step}:${d.at}`,
      what: `redo ${input.step}`,
      by,
      fault: doubt,
    });
  emit(d, { type: 'drift.answered', step: step.id, choice, by, allowEffects });
  d.barrier = true;
  if (choice === 'fork') leave(d, { at, step: step.id, allowEffects });
  else driftAnswered(d, step, ask, choice);
}

/** What the journal says comes first; then the payloads go. */
function erase(d: Deciding, { seqs, by, reason, letter }: Extract<Input, { in: 'erase' }>): void {
  if (!hasRight(by, 'payload:erase')) return refuse(d, letter ?? `erase:${d.at}`, 'erase', by, 'payload:erase');
  emit(d, { type: 'payload.erased', seqs, by, reason });
  d.barrier = true;
  d.commands.push({ do: 'erase', seqs });
}

function refuse(d: Deciding, id: string, what: string, by: Principal, right: string, attempt?: number): void {
  emit(d, {
    type: 'letter.refused',
    id,
    what,
    by,
    attempt,
    fault: faultData('rights.missing', `${by.id} lacks the right '${right}'`, 'never', { right }),
  });
}
