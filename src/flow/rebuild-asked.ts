/** Rebuild: what the code asked for in one turn. Asks that changed nothing left no event, and need none. */
import { type FaultData, type Json, scopeOf } from '../base/index.ts';
import type { Event, RunState, StepAsk } from '../model/index.ts';

type Ran = { data?: Json; fault?: FaultData } | undefined;

/** In the order of asking. A later event of the same ask says more than an earlier one. */
export function asksOf(events: readonly Event[], state: RunState): StepAsk[] {
  const asks = new Map<string, StepAsk>();
  for (const event of events) {
    if (event.type === 'step.asked' && isInWay(event.step, events, state)) continue;
    const ask = askOf(event, asks, state, events);
    if (ask !== undefined) asks.set(ask.step, ask);
  }
  return [...asks.values()];
}

/** What stands in a declared way is asked by no code. */
function isInWay(id: string, events: readonly Event[], state: RunState): boolean {
  for (let scope = scopeOf(id); scope !== ''; scope = scopeOf(scope)) {
    if (state.steps.get(scope)?.way !== undefined) return true;
    if (events.some((event) => event.type === 'way.taken' && event.step === scope)) return true;
  }
  return false;
}

function askOf(
  event: Event,
  asks: ReadonlyMap<string, StepAsk>,
  state: RunState,
  events: readonly Event[],
): StepAsk | undefined {
  switch (event.type) {
    case 'step.asked': {
      const { type: _type, ...ask } = event;
      return ask;
    }
    case 'step.renamed': {
      // Alone, it says that all else was as before.
      const step = state.steps.get(event.was);
      return step && { step: event.step, was: event.was, kind: step.kind, hash: step.hash, spec: step.spec };
    }
    case 'step.resumed': {
      const step = state.steps.get(event.step) ?? asks.get(event.step);
      if (step === undefined) return undefined;
      // Asked again otherwise, and nobody has decided yet.
      if ('driftHash' in step && step.driftHash !== undefined && !asks.has(event.step))
        return known(event.step, asks, state);
      const { kind, hash, spec } = step;
      return { ...asks.get(event.step), step: event.step, kind, hash: event.hash ?? hash, spec: event.spec ?? spec };
    }
    case 'drift.found':
      return event.ask && { ...event.ask, data: event.data, labels: event.labels };
    case 'drift.answered': {
      if (event.choice === 'withdrawn') {
        const step = state.steps.get(event.step);
        return step && { step: step.id, kind: step.kind, hash: step.hash, spec: step.spec };
      }
      // What was asked stands in the finding; who chose (the ask, the step, the run) is found again.
      if (events.some((one) => one.type === 'drift.found' && one.step === event.step && one.ask !== undefined))
        return asks.get(event.step);
      const ask = known(event.step, asks, state);
      return ask && { ...ask, spec: { ...ask.spec, drift: event.choice === 'fork' ? 'ask' : event.choice } };
    }
    case 'fault.escalated':
      return event.fault.code === 'step.drift' ? known(event.step, asks, state) : undefined;
    default:
      return undefined;
  }
}

/** Answers of local functions that came with their asks: they are settled in the turn they are asked in. */
export function ranOf(events: readonly Event[], asks: readonly StepAsk[]): Ran[] | undefined {
  const ran: Ran[] = asks.map((ask) => {
    if (ask.kind !== 'code') return undefined;
    const settled = events.find((e) => e.type === 'step.settled' && e.step === ask.step);
    return settled?.type === 'step.settled' ? { data: settled.data, fault: settled.fault } : undefined;
  });
  return ran.some((one) => one !== undefined) ? ran : undefined;
}

/** The ask of a drift: found in this turn, or in an earlier one and still unanswered. */
function known(id: string, asks: ReadonlyMap<string, StepAsk>, state: RunState): StepAsk | undefined {
  const ask = asks.get(id);
  const before = state.steps.get(id) ?? state.steps.get(ask?.was ?? '');
  const found = ask !== undefined && (ask.hash !== before?.hash || ask.kind !== before.kind);
  if (found || before?.drifted === undefined) return ask;
  return ask === undefined ? before.drifted : { ...before.drifted, step: id, was: ask.was };
}
