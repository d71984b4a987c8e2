/**
 * Heal: a deterministic ladder, no model on it. The same again (if the fault says so), elsewhere, a
 * lesser goal, then the end with the cut set: who was tried or refused, and why.
 */
import { type Backoff, backoffMs, createSeededChance, DEFAULT_BACKOFF, type FaultData } from '../../base/index.ts';
import { type AttemptState, type Deciding, emit, presentId, setTimer, type StepState } from '../../model/index.ts';
import { isOut, mayTryAgain, stepTimeLeft, tries } from '../attempt/index.ts';
import { eligible, skillView } from '../route/index.ts';

export function heal(d: Deciding, step: StepState, n: number | undefined, fault: FaultData): void {
  if (step.settledSeq !== 0) return;
  // One of a panel failed: a non-vote. With no attempt named, it is the panel that came to no verdict.
  if (step.panel !== undefined && n !== undefined) return void d.todo.push({ to: 'agree', step: step.id });
  const attempt = step.attempts?.find((a) => a.n === n);
  if (attempt !== undefined && stepTimeLeft(d, step)) {
    if (fault.retry === 'same' && mayTryAgain(step, attempt)) return retrySame(d, step, attempt, fault);
    // After a takeover nobody is known yet: beginning asks who there is, and comes back here if nobody is.
    const unknown = skillView(d.state, step) === undefined;
    if (fault.retry !== 'never' && (unknown || eligible(d.state, step, 1).routed.length > 0)) {
      d.todo.push({ to: 'begin', step: step.id, why: 'elsewhere' });
      return;
    }
  }
  const lesser = (step.lesser ?? -1) + 1;
  if (step.spec.lesser?.[lesser] !== undefined && fault.code !== 'budget.spent' && stepTimeLeft(d, step)) {
    emit(d, { type: 'step.demoted', step: step.id, lesser });
    d.todo.push({ to: 'begin', step: step.id, why: 'lesser' });
    return;
  }
  escalate(d, step, fault, attempt);
}

function retrySame(d: Deciding, step: StepState, attempt: AttemptState, fault: FaultData): void {
  const retry = step.spec.retry;
  const backoff: Backoff = {
    firstMs: retry?.firstMs ?? DEFAULT_BACKOFF.firstMs,
    factor: retry?.factor ?? DEFAULT_BACKOFF.factor,
    maxMs: retry?.maxMs ?? DEFAULT_BACKOFF.maxMs,
  };
  // Jitter without chance: drawn from the run's seed, so that replay waits the same.
  const draw = createSeededChance(`${d.state.seed}/${step.id}/${attempt.n}`).next();
  const waitMs = Math.max(fault.afterMs ?? 0, backoffMs(backoff, tries(step, attempt), draw));
  setTimer(d, `retry|${step.id}|${attempt.agent}`, d.at + waitMs);
}

/** A retry's time has come. */
export function retryDue(d: Deciding, timer: string): void {
  const [, named, ...rest] = timer.split('|');
  const id = named === undefined ? undefined : presentId(d.state, named);
  // An agent's name may hold the sign, a step's id does not.
  const agent = rest.join('|');
  const step = id === undefined ? undefined : d.state.steps.get(id);
  if (step !== undefined && !isOut(step)) d.todo.push({ to: 'begin', step: step.id, why: 'retry', agent });
}

function escalate(d: Deciding, step: StepState, fault: FaultData, attempt: AttemptState | undefined): void {
  const cut = skillView(d.state, step) === undefined ? [] : eligible(d.state, step, 1).cut;
  const tried = (step.attempts?.length ?? 0) > 1 || cut.length > 1;
  const last: FaultData =
    attempt === undefined || !tried || fault.retry === 'never'
      ? fault
      : {
          code: 'no-way-left',
          retry: 'never',
          message: `no way is left for step '${step.id}'; the last try: ${fault.message}`,
          detail: { cut, last: fault },
        };
  emit(d, { type: 'fault.escalated', step: step.id, to: 'run', fault: last, cut });
  d.todo.push({ to: 'settle', step: step.id, out: 'failed', fault: last });
}
