/** Admit: a task becomes a run. What is wrong with it is said before anything is written (author/check). */
import { type AdmitInput, type Deciding, emit, JOURNAL_FORMAT, sendTimer } from '../../model/index.ts';

export { carry, forkEvents } from './fork.ts';

export const DEADLINE_TIMER = 'deadline';

export function admit(d: Deciding, input: AdmitInput): void {
  const { state } = d;
  if (state.phase !== 'new') return;
  emit(d, {
    type: 'run.admitted',
    run: input.run,
    workflow: input.workflow,
    version: input.version,
    by: input.by,
    seed: input.seed,
    engine: input.engine,
    format: JOURNAL_FORMAT,
    goal: input.goal,
    plan: input.plan?.hash,
    budget: input.budget,
    deadlineMs: input.deadlineMs,
    parent: input.parent,
    forkOf: input.forkOf,
    blockEffects: input.blockEffects === true ? true : undefined,
    drift: input.drift,
    agents: input.agents,
    continues: input.continues,
    traceparent: input.traceparent,
    labels: input.labels,
    prefer: input.prefer,
    data: input.data,
  });
  if (input.plan !== undefined) {
    emit(d, { type: 'run.planned', hash: input.plan.hash, data: input.plan.plan as unknown as AdmitInput['data'] });
    // A fork first takes over what was settled.
    if (input.forkOf === undefined) d.todo.push({ to: 'advance', scope: '' });
  }
  if (input.deadlineMs !== undefined) sendTimer(d, DEADLINE_TIMER, input.deadlineMs);
  d.barrier = true;
}
