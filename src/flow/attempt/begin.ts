/** Attempt: an asked step starts to be worked, each kind in its way. */
import {
  codeAskedOf,
  type Deciding,
  erasedData,
  faultData,
  isGone,
  isScheduled,
  leftStanding,
  sendTimer,
  type StepKind,
  type StepState,
  type Todo,
} from '../../model/index.ts';
import { createSeededChance } from '../../base/index.ts';
import { openComposite, openInside } from '../plan/index.ts';
import { beginCall } from './call.ts';
import { beginChild } from './child.ts';

export function begin(d: Deciding, step: StepState, todo: Todo & { to: 'begin' }): void {
  const { state } = d;
  if (step.settledSeq !== 0) return;
  if (state.cancelling !== undefined || state.phase !== 'running') {
    d.todo.push({
      to: 'settle',
      step: step.id,
      out: 'cancelled',
      fault: faultData('step.cancelled', state.cancelling?.reason ?? 'the run is ending'),
    });
    return;
  }
  // I6: the code must ask for it again first; I3: a person must decide first.
  if (step.asleep || step.driftHash !== undefined) return;
  if (state.quarantine !== undefined && isVolatile(step)) return;
  switch (step.kind) {
    case 'now':
      d.todo.push({ to: 'settle', step: step.id, out: 'ok', data: state.at });
      return;
    case 'random':
      d.todo.push({
        to: 'settle',
        step: step.id,
        out: 'ok',
        data: createSeededChance(`${state.seed}/${step.id}`).next(),
      });
      return;
    case 'code':
      d.commands.push({ do: 'runCode', step: step.id, ...codeAskedOf(step), data: step.input });
      return;
    case 'wait':
      sendTimer(d, `wait|${step.id}`, step.dueMs ?? state.at);
      return;
    case 'signal':
      beginSignal(d, step);
      return;
    case 'gate':
      if (step.dueMs !== undefined) sendTimer(d, `wait|${step.id}`, step.dueMs);
      d.barrier = true;
      return;
    case 'loop':
    case 'map':
    case 'join':
      beginComposite(d, step);
      return;
    case 'workflow':
      return beginChild(d, step);
    case 'plan':
      // Its answer is there already, and is being worked.
      if (step.graft === undefined) beginCall(d, step, todo);
      return;
    case 'ask':
    case 'effect':
      if (step.spec.alternatives !== undefined) {
        const toGoal = step.lesser === undefined;
        if (toGoal && step.way === undefined) return void d.todo.push({ to: 'way', step: step.id });
        // What stands in a way begins by itself; after a take-over an undo may have to go on, for a lesser goal, too.
        if (step.way !== undefined && ((toGoal && step.way >= 0) || leftStanding(state, step).length > 0))
          return void d.todo.push({ to: 'leave', step: step.id });
      }
      return beginCall(d, step, todo);
  }
}

/** Work that goes with its worker: after a take-over it begins again. Timers, signals and gates are letters. */
const VOLATILE: ReadonlySet<StepKind> = new Set<StepKind>(['code', 'ask', 'effect', 'plan', 'workflow']);

export function isVolatile(step: StepState): boolean {
  return VOLATILE.has(step.kind);
}

/** The code may run the branches or turns; branches that have ended already may make it whole. */
function beginComposite(d: Deciding, step: StepState): void {
  const { branches } = step.spec;
  const asCode = !isScheduled(d.state, step.id);
  if (step.kind !== 'loop' && (branches?.length === 0 || (asCode && step.branches !== undefined)))
    d.todo.push({ to: 'join', step: step.id });
  else if (asCode) openComposite(d, step);
  else openInside(d, step);
}

function beginSignal(d: Deciding, step: StepState): void {
  const waiting = d.state.signals.get(step.spec.signal ?? '')?.[0];
  // Code is not given it (author/coroutine.ts, C7); in a plan it would pass for what was said.
  if (isScheduled(d.state, step.id) && isGone(d.state, waiting?.data)) {
    const fault = erasedData(`what signal '${step.spec.signal}' said`);
    return void d.todo.push({ to: 'settle', step: step.id, out: 'failed', fault });
  }
  if (waiting !== undefined) {
    d.todo.push({ to: 'settle', step: step.id, out: 'ok', data: waiting.data, labels: waiting.labels });
    return;
  }
  if (step.dueMs !== undefined) sendTimer(d, `wait|${step.id}`, step.dueMs);
}
