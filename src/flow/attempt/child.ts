/** Attempt: a child run. It has a budget of its own, held from ours while it runs, or draws from ours. */
import {
  type Amounts,
  canDraw,
  childRunOf,
  type Deciding,
  DIMENSIONS,
  earliest,
  emit,
  faultData,
  firstOf,
  lacking,
  type RunState,
  type StepState,
} from '../../model/index.ts';
import { mayPass } from './call.ts';
import { wantFromParent } from './budget.ts';

/** The child's id follows from ours and the step's, so starting it twice starts one. */
export function beginChild(d: Deciding, step: StepState): void {
  const { limit } = d.state.budget;
  const own = step.spec.budget;
  const run = childRun(d.state, step);
  if (step.child !== undefined) {
    // The run that carries the child on is started by the child.
    if (step.child === run) startChild(d, step, run, true);
    return;
  }
  // Whatever it does, it may do more than look.
  if (step.at === 'gated' || !mayPass(d, step, 'idempotent')) return;
  if (limit !== undefined && own !== undefined) {
    const over = lacking(d, own);
    if (over !== undefined) {
      if (canDraw(d, over)) return wantFromParent(d, `${step.id}|${d.state.head}`, over, { step: step.id });
      const fault = faultData(
        'budget.spent',
        `the budget cannot hold what the child of step '${step.id}' may spend`,
        'never',
        { wants: own, lacks: over },
      );
      d.todo.push({ to: 'settle', step: step.id, out: 'failed', fault });
      return;
    }
  }
  emit(d, { type: 'child.started', step: step.id, run, held: limit === undefined ? undefined : own });
  startChild(d, step, run, false);
}

/** No two children have one id: neither a step worked anew, nor `a/b` beside `a.b`. */
export function childRun(state: RunState, step: StepState): string {
  if (step.child !== undefined) return firstOf(step.child);
  const first = childRunOf(state, step.id);
  let id = first;
  for (let n = 2; state.children?.has(id); n++) id = `${first}.r${n}`;
  return id;
}

function startChild(d: Deciding, step: StepState, run: string, again: boolean): void {
  const { state } = d;
  const { limit } = state.budget;
  const own = step.spec.budget;
  // What our budget limits and the child's own does not name, it draws from ours.
  const drawn = DIMENSIONS.filter((dimension) => limit?.[dimension] !== undefined && own?.[dimension] === undefined);
  const draws = drawn.length > 0;
  const nothing: Amounts = Object.fromEntries(drawn.map((dimension) => [dimension, 0]));
  d.barrier = true;
  d.commands.push({
    do: 'startRun',
    run,
    workflow: step.spec.workflow ?? '',
    version: step.spec.version,
    data: step.input,
    labels: step.labels,
    by: state.by,
    budget: draws ? { ...own, ...nothing } : own,
    deadlineMs: earliest(state.deadlineMs, step.dueMs),
    parent: {
      run: state.run,
      step: step.id,
      draws: draws ? true : undefined,
      drawn: draws && own !== undefined ? drawn : undefined,
    },
    blockEffects: state.blockEffects ? true : undefined,
    agents: state.agents,
    goal: state.goal,
    again: again ? true : undefined,
  });
}
