/** Attempt: a step that waits for a person waits no longer than its deadline. The run's own deadline ends all of it anyway. */
import {
  deadlineOf,
  type Deciding,
  faultData,
  hasCallOut,
  presentId,
  setTimer,
  type StepState,
} from '../../model/index.ts';
import { stepTimeLeft } from './limits.ts';

export function armDue(d: Deciding, step: StepState): void {
  const until = deadlineOf(d.state, step);
  const id = `due|${step.id}|`;
  if (until === undefined || until === d.state.deadlineMs || d.state.timers.get(id) === until) return;
  setTimer(d, id, until);
}

export function isDueTimer(id: string): boolean {
  return id.startsWith('due|');
}

export function due(d: Deciding, timer: string): void {
  const step = d.state.steps.get(presentId(d.state, timer.split('|')[1] ?? ''));
  if (step === undefined || !isForPerson(d, step)) return;
  // Whether it happened is still to be found out: no deadline makes that a failure.
  if (hasCallOut(step)) return;
  // The step was worded anew meanwhile, or the clock has gone back.
  if (stepTimeLeft(d, step)) return armDue(d, step);
  const fault = faultData('step.timeout', `nobody answered '${step.id}' before its deadline`);
  d.todo.push({ to: 'heal', step: step.id, fault });
}

function isForPerson(d: Deciding, step: StepState): boolean {
  if (step.at === 'gated' || step.at === 'person') return true;
  const { gate } = step.spec;
  return step.at === 'asked' && gate !== undefined && d.state.steps.get(presentId(d.state, gate))?.settledSeq === 0;
}
