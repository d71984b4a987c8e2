/**
 * Settle: branches become one.
 *
 * J1  The join is decided at the first moment its rule is met or cannot be met any more.
 * J2  Its inputs are frozen then; what ends later is not even heard.
 */
import { escapeKey, type FaultData, type Json } from '../../base/index.ts';
import {
  type BranchState,
  type Deciding,
  emit,
  faultData,
  isScheduled,
  type JoinMode,
  type Outcome,
  type StepState,
} from '../../model/index.ts';
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
  if (decided.get(d)?.has(step.id) === true) return;
  if (!isScheduled(d.state, step.id))
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
  if (!decideJoin(d, step) && isScheduled(d.state, step.id)) d.todo.push({ to: 'inside', step: step.id });
}

/** A composite was asked again, with other branches or another rule, or has none at all. */
export function rejoin(d: Deciding, step: StepState): void {
  if (step.settledSeq === 0 && !decideJoin(d, step)) openComposite(d, step);
}

/** J2: several branches may end in one turn, and the step settles after them. */
const decided = new WeakMap<Deciding, Set<string>>();

function decideJoin(d: Deciding, step: StepState): boolean {
  const verdict = join(step);
  if (verdict === undefined) return false;
  const steps = decided.get(d);
  if (steps === undefined) decided.set(d, new Set([step.id]));
  else steps.add(step.id);
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
  const ended = step.branches ?? new Map<string, BranchState>();
  const okCount = step.branchesOk ?? 0;
  const failed = step.branchFailed;
  const left = total - ended.size;
  // Counted as branches end: whoever has many of them looks at all only once.
  const okKeys = () => [...ended].filter(([, b]) => b.out === 'ok').map(([key]) => key);
  if (mode === 'settled') return left === 0 ? { inputs: [...ended.keys()] } : undefined;
  if (mode === 'all') {
    if (failed !== undefined) return { inputs: okKeys(), fault: branchFault(step, failed, ended.get(failed)?.fault) };
    return left === 0 ? { inputs: okKeys() } : undefined;
  }
  const need = mode === 'any' ? 1 : mode.atLeast;
  if (okCount >= need) return { inputs: okKeys() };
  if (okCount + left >= need) return undefined;
  const ok = okKeys();
  const fault = faultData(
    'join.impossible',
    total < need
      ? `'${step.id}' has ${total} branches, and needs ${need} to succeed`
      : `only ${ok.length} of the ${need} branches that '${step.id}' needs succeeded`,
    'never',
    {
      ok,
      faults: Object.fromEntries([...ended].filter(([, b]) => b.fault !== undefined).map(([key, b]) => [key, b.fault])),
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
  // Of code with fewer turns than there were, none is news: nothing is said of them, and nothing done for them.
  const fresh = turns.filter(({ turn }) => turn > (step.turn ?? 0));
  if (step.inside !== undefined && fresh.length > 0 && !isScheduled(d.state, step.id))
    cancelInside(d, step, 'its turn has ended');
  const first = fresh[0];
  const last = fresh.at(-1);
  if (first !== undefined && last !== undefined) {
    // Turns that came together are written together: one payload, one hash.
    const alone = fresh.length === 1;
    const data = alone ? last.data : fresh.map((one) => one.data ?? null);
    emit(d, { type: 'loop.turned', step: id, turn: last.turn, first: alone ? undefined : first.turn, data });
  }
  if (fault !== undefined) d.todo.push({ to: 'settle', step: id, out: 'failed', fault });
  else if (done) {
    // Of a loop without a turn, what it began with.
    const data = (step.turn ?? 0) > 0 ? step.carry : step.input;
    d.todo.push({ to: 'settle', step: id, out: 'ok', data });
  }
}
