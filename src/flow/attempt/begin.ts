/** Attempt: an asked step starts to be worked, each kind in its way. */
import {
  type Deciding,
  emit,
  faultData,
  type RunState,
  sendTimer,
  type StepState,
  type Todo,
} from '../../model/index.ts';
import { createSeededChance } from '../../base/index.ts';
import { openComposite, openInside } from '../plan/index.ts';
import { lacking } from './budget.ts';
import { beginCall } from './call.ts';
import { earliest } from './limits.ts';

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
      d.commands.push({ do: 'runCode', step: step.id, code: step.spec.code, data: step.input });
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
      return beginCall(d, step, todo);
  }
}

/** The code may run the branches or turns; a composite of nothing is settled at once. */
function beginComposite(d: Deciding, step: StepState): void {
  if (step.kind !== 'loop' && step.spec.branches?.length === 0) {
    d.todo.push({ to: 'settle', step: step.id, out: 'ok', data: step.kind === 'map' ? [] : {} });
    return;
  }
  if (d.state.plan === undefined) openComposite(d, step);
  else openInside(d, step);
}

function beginSignal(d: Deciding, step: StepState): void {
  const waiting = d.state.signals.get(step.spec.signal ?? '')?.[0];
  if (waiting !== undefined) {
    d.todo.push({ to: 'settle', step: step.id, out: 'ok', data: waiting.data, labels: waiting.labels });
    return;
  }
  if (step.dueMs !== undefined) sendTimer(d, `wait|${step.id}`, step.dueMs);
}

/** The child's id follows from ours and the step's, so starting it twice starts one. */
function beginChild(d: Deciding, step: StepState): void {
  const { state } = d;
  const run = childRun(state, step);
  // The run that carries the child on is started by the child.
  if (step.child !== undefined && step.child !== run) return;
  const limit = state.budget.limit;
  const own = step.spec.budget;
  let draws = false;
  let budget = own;
  if (limit !== undefined) {
    if (own === undefined) {
      draws = true;
      budget = Object.fromEntries(Object.keys(limit).map((dimension) => [dimension, 0]));
    } else if (step.child === undefined) {
      const over = lacking(d, own);
      if (over !== undefined) {
        d.todo.push({
          to: 'settle',
          step: step.id,
          out: 'failed',
          fault: faultData(
            'budget.spent',
            `the budget cannot hold what the child of step '${step.id}' may spend`,
            'never',
            { wants: own, left: over },
          ),
        });
        return;
      }
    }
  }
  const again = step.child !== undefined;
  if (!again) emit(d, { type: 'child.started', step: step.id, run, held: limit === undefined ? undefined : own });
  startChild(d, step, run, draws, budget, again);
}

export function childRun(state: RunState, step: StepState): string {
  return `${state.run}.${step.id.replaceAll('/', '.')}`;
}

function startChild(
  d: Deciding,
  step: StepState,
  run: string,
  draws: boolean,
  budget: StepState['childHeld'],
  again: boolean,
): void {
  const { state } = d;
  d.barrier = true;
  d.commands.push({
    do: 'startRun',
    run,
    workflow: step.spec.workflow ?? '',
    version: step.spec.version,
    data: step.input,
    labels: step.labels,
    by: state.by,
    budget,
    deadlineMs: earliest(state.deadlineMs, step.dueMs),
    parent: { run: state.run, step: step.id, draws: draws ? true : undefined },
    blockEffects: state.blockEffects ? true : undefined,
    agents: state.agents,
    goal: state.goal,
    again: again ? true : undefined,
  });
}
