/** Payloads that were erased: what is left says only that there was something. Nothing may be done with that. */
import { Fault, type FaultData, faultToData } from '../base/index.ts';
import type { EventType } from './events.ts';
import type { Plan, PlanBody } from './plan.ts';
import type { RunState } from './state.ts';

/** What an event holds where its payload was erased. Known by identity: a user's value may look the same. */
export const ERASED = Object.freeze({ erased: true });

export function isErased(value: unknown): boolean {
  return value === ERASED;
}

/** Whether an erased payload is somewhere in it. */
export function holdsErased(value: unknown): boolean {
  if (value === ERASED) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsErased);
}

/** The same of what a run has to go on with; quick where nothing was erased. */
export function isGone(state: RunState, value: unknown): boolean {
  return state.lacks === true && holdsErased(value);
}

export function erasedFault(what: string): Fault {
  return new Fault('payload.erased', `${what} was erased, and is needed to go on`);
}

/** The same as a journal holds it. */
export function erasedData(what: string): FaultData {
  return faultToData(erasedFault(what));
}

/** What stands for a plan that was erased: it has no steps, and can do nothing. */
export const ERASED_PLAN: Plan & { erased: true } = Object.freeze({ name: '', version: '', steps: [], erased: true });

export function isErasedPlan(plan: Partial<PlanBody>): boolean {
  return (plan as Partial<typeof ERASED_PLAN>).erased === true;
}

/** The plan of the run is gone, or an answer that is being worked as one. Versions before this one erased them from open runs. */
export function lacksPlan({ plan, open, steps, lacks }: RunState): boolean {
  if (lacks !== true) return false;
  if (plan !== undefined && isErasedPlan(plan)) return true;
  return [...open].some((id) => isErasedPlan(steps.get(id)?.graft ?? {}));
}

/** Without these an open run is none: its plan says what there is to do, its end what is handed on. They stay until it is over. */
const KEPT_WHILE_OPEN: ReadonlySet<EventType> = new Set<EventType>(['run.planned', 'plan.grafted', 'run.ending']);

export function isKeptWhileOpen(type: EventType): boolean {
  return KEPT_WHILE_OPEN.has(type);
}
