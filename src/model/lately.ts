/**
 * What a run's own calls say of whom they were made to, beside the figures that the site gave with its candidates (which
 * may hold them already, when they were given anew: who fails here loses its place the sooner).
 * Kept only where ways are compared.
 */
import type { EventOf } from './events.ts';
import type { Plan, PlanBody } from './plan.ts';
import type { AttemptState, RunState, StepState } from './state.ts';
import { goalSkill, suspectKey } from './state-facts.ts';

/** Sums over calls, each counting less the longer ago it was. */
export interface Lately {
  /** Calls that ended, those of them that came well, and those that were put off for their rate. */
  calls: number;
  well: number;
  busy: number;
  /** Over calls that say how long one takes. */
  timed: number;
  ms: number;
  /** Over calls that say what they cost. */
  priced: number;
  money: number;
  atMs: number;
}

/** After so long a call counts half: whoever has mended is asked again. A quotient, which is the same on every machine. */
const HALF_MS = 30_000;
/** Faults of ours, or of what was asked: they say nothing of who was asked. */
export const NOT_ITS: ReadonlySet<string> = new Set([
  'output.invalid',
  'agent.refused',
  'input.required',
  'step.cancelled',
  'site.stopped',
  'payload.erased',
]);
const BUSY: ReadonlySet<string> = new Set(['agent.busy', 'overloaded']);
const NONE: Lately = { calls: 0, well: 0, busy: 0, timed: 0, ms: 0, priced: 0, money: 0, atMs: 0 };

/** Called before the attempt's end is folded. */
export function noteLately(
  state: RunState,
  step: StepState,
  attempt: AttemptState,
  { fault, late, gone, unasked, cost }: EventOf<'attempt.ended'>,
): void {
  if (late === true || gone === true || unasked !== undefined || !comparesWays(state)) return;
  if (fault !== undefined && NOT_ITS.has(fault.code)) return;
  const skill = attempt.ask?.skill ?? goalSkill(step, attempt.lesser);
  const key = suspectKey(skill, attempt.agent);
  const seen = faded(state.lately?.get(key) ?? NONE, state.at);
  seen.calls++;
  if (fault === undefined) seen.well++;
  else if (BUSY.has(fault.code)) seen.busy++;
  // A failure says how long a call takes only where time was what it failed for; and while nobody had the run, nobody waited.
  if (attempt.begunAt >= (state.takenMs ?? 0) && (fault === undefined || fault.code === 'step.timeout')) {
    seen.timed++;
    seen.ms += Math.max(0, state.at - attempt.begunAt);
  }
  // What was held for a call is charged where its agent says nothing: that is no news of its price.
  if (cost?.money !== undefined && cost.money !== attempt.held?.money) {
    seen.priced++;
    seen.money += cost.money;
  }
  (state.lately ??= new Map()).set(key, seen);
}

export function latelyOf(state: RunState, skill: string, agent: string): Lately | undefined {
  const seen = state.lately?.get(suspectKey(skill, agent));
  return seen === undefined ? undefined : faded(seen, state.at);
}

function faded(seen: Lately, atMs: number): Lately {
  const left = HALF_MS / (HALF_MS + Math.max(0, atMs - seen.atMs));
  return {
    calls: seen.calls * left,
    well: seen.well * left,
    busy: seen.busy * left,
    timed: seen.timed * left,
    ms: seen.ms * left,
    priced: seen.priced * left,
    money: seen.money * left,
    atMs,
  };
}

/** Whether ways are compared in this run, as far as can be told by now: code says so only when it asks. */
export function comparesWays({ hasWays: taken, plan }: RunState): boolean {
  return taken === true || (plan !== undefined && declares(plan));
}

const declaring = new WeakMap<Plan, boolean>();

function declares(plan: Plan): boolean {
  let does = declaring.get(plan);
  if (does === undefined) declaring.set(plan, (does = declaresIn(plan)));
  return does;
}

function declaresIn(body: PlanBody): boolean {
  return body.steps.some(
    (def) => def.spec?.alternatives !== undefined || (def.body !== undefined && declaresIn(def.body)),
  );
}
