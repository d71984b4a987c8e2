/**
 * Settle: branches become one.
 *
 * J1  The join is decided at the first moment its rule is met or cannot be met any more.
 * J2  Its inputs are frozen then; what ends later is not even heard.
 */
import { escapeKey, type FaultData, type Json } from '../../base/index.ts';
import { type Deciding, emit, faultData, type JoinMode, type Outcome, type StepState } from '../../model/index.ts';
import { openComposite } from '../plan/index.ts';
import { cancelInside, cancelScope } from './settle.ts';

export interface BranchEnd {
  step: string;
  branch: string;
  out: Outcome;
  data?: Json;
  labels?: string[];
  fault?: FaultData;
}

export function branchEnded(d: Deciding, branch: BranchEnd): void {
  const step = d.state.steps.get(branch.step);
  if (step === undefined || step.settledSeq !== 0 || step.branches?.has(branch.branch)) return;
  if (d.state.plan === undefined)
    cancelScope(d, step, `${step.id}/${escapeKey(branch.branch)}`, `branch '${branch.branch}' has ended`);
  emit(d, {
    type: 'branch.ended',
    step: step.id,
    branch: branch.branch,
    out: branch.out,
    fault: branch.fault,
    data: branch.data,
    labels: branch.labels,
  });
  decideJoin(d, step);
}

/** A composite was asked again, with other branches or another rule, or has none at all. */
export function rejoin(d: Deciding, step: StepState): void {
  if (step.settledSeq === 0 && !decideJoin(d, step)) openComposite(d, step);
}

function decideJoin(d: Deciding, step: StepState): boolean {
  const verdict = join(step);
  if (verdict === undefined) return false;
  const { inputs, fault } = verdict;
  emit(d, { type: 'join.frozen', step: step.id, inputs });
  const none = step.branches === undefined && fault === undefined;
  const data = none ? (step.kind === 'map' ? [] : {}) : undefined;
  d.todo.push({ to: 'settle', step: step.id, out: fault === undefined ? 'ok' : 'failed', fault, data });
  return true;
}

export function join(step: StepState): { inputs: string[]; fault?: FaultData } | undefined {
  const mode: JoinMode = step.spec.join ?? 'all';
  const total = step.spec.branches?.length ?? 0;
  const ended = [...(step.branches ?? [])].filter(([key]) => step.spec.branches?.includes(key) ?? true);
  const ok = ended.filter(([, b]) => b.out === 'ok').map(([key]) => key);
  const failed = ended.find(([, b]) => b.out !== 'ok');
  const left = total - ended.length;
  if (mode === 'settled') return left === 0 ? { inputs: ended.map(([key]) => key) } : undefined;
  if (mode === 'all') {
    if (failed !== undefined) return { inputs: ok, fault: branchFault(step, failed[0], failed[1].fault) };
    return left === 0 ? { inputs: ok } : undefined;
  }
  const need = mode === 'any' ? 1 : mode.atLeast;
  if (ok.length >= need) return { inputs: ok };
  if (ok.length + left >= need) return undefined;
  const fault = faultData(
    'join.impossible',
    `only ${ok.length} of the ${need} branches that '${step.id}' needs succeeded`,
    'never',
    {
      ok,
      faults: Object.fromEntries(ended.filter(([, b]) => b.fault !== undefined).map(([key, b]) => [key, b.fault])),
    },
  );
  return { inputs: ok, fault };
}

function branchFault(step: StepState, branch: string, fault: FaultData | undefined): FaultData {
  return fault ?? faultData('step.failed', `branch '${branch}' of '${step.id}' failed`);
}

/** A loop has turned; many turns may come in one input. */
export function turned(
  d: Deciding,
  id: string,
  turns: readonly { turn: number; data?: Json }[],
  done: boolean,
  fault: FaultData | undefined,
): void {
  const step = d.state.steps.get(id);
  if (step === undefined || step.settledSeq !== 0) return;
  for (const { turn, data } of turns) {
    if (turn <= (step.turn ?? 0)) continue;
    if (step.inside !== undefined && d.state.plan === undefined) cancelInside(d, step, `turn ${turn} has ended`);
    emit(d, { type: 'loop.turned', step: id, turn, data });
  }
  if (fault !== undefined) d.todo.push({ to: 'settle', step: id, out: 'failed', fault });
  else if (done) d.todo.push({ to: 'settle', step: id, out: 'ok', data: step.carry });
}
