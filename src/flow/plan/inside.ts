/** Plan: the rounds of maps and loops. */
import { type FaultData, faultToData, type Json, scopeOf, toFault } from '../../base/index.ts';
import {
  compileExpr,
  type Deciding,
  emit,
  erasedData,
  faultData,
  holds,
  isGone,
  joinLabels,
  type StepState,
  type Vars,
} from '../../model/index.ts';
import { DEFAULT_WIDTH } from './ask.ts';
import { branchScope, findScope, idIn, nameOf, type Scope, turnOf, turnScope } from './scope.ts';
import { varsFor } from './values.ts';

/** Opens as much of a map or loop as may be open; each scope is then looked at. */
export function openInside(d: Deciding, step: StepState): void {
  if (step.settledSeq !== 0 || d.state.phase !== 'running') return;
  if (step.kind === 'map') return openMap(d, step);
  if (step.kind !== 'loop') return;
  const def = findScope(d.state, scopeOf(step.id))?.body.byName.get(nameOf(step.id));
  const maxTurns = def?.spec?.maxTurns ?? step.spec.maxTurns ?? Infinity;
  if (turnOf(step) > maxTurns) return endLoop(d, step, step.carry ?? step.input);
  d.todo.push({ to: 'advance', scope: turnScope(step) });
}

/** Branches are opened in the order of the list: those before this place are open, have ended, or are about to open. */
const opening = new WeakMap<StepState, { place: number; soon: Set<string> }>();

function openMap(d: Deciding, step: StepState): void {
  const keys = step.spec.branches ?? [];
  const def = findScope(d.state, scopeOf(step.id))?.body.byName.get(nameOf(step.id));
  const width = Math.max(1, def?.spec?.width ?? step.spec.width ?? DEFAULT_WIDTH);
  let at = opening.get(step);
  if (at === undefined) opening.set(step, (at = { place: 0, soon: new Set() }));
  const isThere = (key: string) => step.inside?.has(branchScope(step, key)) || step.branches?.has(key);
  for (const key of at.soon) if (isThere(key)) at.soon.delete(key);
  for (; (step.inside?.size ?? 0) + at.soon.size < width && at.place < keys.length; at.place++) {
    const key = keys[at.place]!;
    if (isThere(key)) continue;
    at.soon.add(key);
    d.todo.push({ to: 'advance', scope: branchScope(step, key) });
  }
}

/** Turns in which nothing was asked, one after the other, in one decision. */
const MOST_IDLE = 1000;
const idle = new WeakMap<Deciding, Map<string, number>>();

/** A turn of a loop is over: what it gave is carried on. */
export function turnOver(
  d: Deciding,
  scope: Scope,
  given: { data?: Json; labels?: string[]; fault?: FaultData },
): void {
  const step = scope.owner!;
  if (given.fault !== undefined)
    return void d.todo.push({ to: 'settle', step: step.id, out: 'failed', fault: given.fault });
  const turn = turnOf(step);
  const asked = scope.body.steps.some((def) => d.state.steps.get(idIn(scope, def.name))?.out !== 'skipped');
  let done: boolean;
  try {
    done = turn >= (scope.def?.spec?.maxTurns ?? Infinity) || isDone(d, scope, given.data ?? null);
  } catch (thrown) {
    const fault = faultToData(toFault(thrown, 'plan.invalid'));
    return void d.todo.push({ to: 'settle', step: step.id, out: 'failed', fault });
  }
  emit(d, { type: 'loop.turned', step: step.id, turn, data: given.data, labels: given.labels });
  if (done) return endLoop(d, step, given.data);
  if (!asked && standsStill(d, step)) {
    const fault = faultData(
      'step.failed',
      `loop '${step.id}' turned ${MOST_IDLE} times without doing anything: its steps are all skipped`,
    );
    return void d.todo.push({ to: 'settle', step: step.id, out: 'failed', fault });
  }
  d.todo.push({ to: 'inside', step: step.id });
}

/** `until` sees what is carried on, the turn, and the steps of the turn. */
function isDone(d: Deciding, scope: Scope, carry: Json): boolean {
  const until = scope.def?.until;
  if (until === undefined) return false;
  const vars: Vars = varsFor(d.state, scope, compileExpr(until).refs);
  if ('carry' in vars) vars.carry = carry;
  return holds(until, vars);
}

function endLoop(d: Deciding, step: StepState, data: Json | undefined): void {
  if (isGone(d.state, data)) {
    const fault = erasedData(`what loop '${step.id}' carries`);
    return void d.todo.push({ to: 'settle', step: step.id, out: 'failed', fault });
  }
  d.todo.push({ to: 'settle', step: step.id, out: 'ok', data, labels: joinLabels(step.labels, undefined) });
}

function standsStill(d: Deciding, step: StepState): boolean {
  let counts = idle.get(d);
  if (counts === undefined) idle.set(d, (counts = new Map()));
  const count = (counts.get(step.id) ?? 0) + 1;
  counts.set(step.id, count);
  return count > MOST_IDLE;
}
