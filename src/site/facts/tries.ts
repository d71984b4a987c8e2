/** The ends of a run's tries from its events, as they were observed when they happened (rebuild.ts, R1). */
import type { Event, EventOf } from '../../model/index.ts';
import { moveNamed } from '../names.ts';
import type { Observation } from './observation.ts';

export interface Tries {
  /** The run's next event, of a turn at this time. */
  take(atMs: number, event: Event): void;
}

interface Out {
  /** As it was named when it was asked. */
  step: string;
  agent: string;
  skill: string;
  sinceMs: number;
  heldMoney?: number;
  /** Its end was observed, though not whether it happened. */
  doubted?: boolean;
  /** Asked by a worker that is gone. */
  ofBefore?: boolean;
}

/** `skillOf`: what was asked for; undefined = it cannot be told, and the try is passed over. */
export function createTries(
  run: string,
  skillOf: (event: EventOf<'attempt.begun'>) => string | undefined,
  found: (observation: Observation) => void,
): Tries {
  const out = new Map<string, Out>();

  function begun(atMs: number, event: EventOf<'attempt.begun'>): void {
    const skill = skillOf(event);
    if (skill === undefined) return;
    const { agent, step, n, held } = event;
    out.set(`${step}|${n}`, { step, agent, skill, sinceMs: atMs, heldMoney: held?.money });
  }

  /** What is out is asked again, or let go. */
  function takenOver(atMs: number): void {
    for (const one of out.values()) {
      one.sinceMs = atMs;
      one.ofBefore = true;
    }
  }

  function doubted(atMs: number, { step, n, why, fault }: EventOf<'effect.unknown'>): void {
    const one = out.get(`${step}|${n}`);
    if (one === undefined || why === 'claim' || why === 'restored') return;
    const code = fault?.code ?? (why === 'timeout' ? 'step.timeout' : 'agent.lost');
    note(atMs, one, { run, n, end: 'failed', code });
    one.doubted = true;
    one.sinceMs = atMs;
  }

  function ended(atMs: number, event: EventOf<'attempt.ended'>): void {
    const { step, n, fault, late, gone, unasked } = event;
    const key = `${step}|${n}`;
    const one = out.get(key);
    out.delete(key);
    if (one === undefined || gone === true || unasked !== undefined || isAbsent(fault)) return;
    const stopped = late === true && fault?.code === 'step.cancelled';
    if (stopped && (one.doubted === true || one.ofBefore === true)) return;
    const money = event.cost?.money;
    const cost = money === undefined || money === one.heldMoney ? undefined : { money };
    // What it said did not keep the step's contract: it answered all the same.
    const answered = fault === undefined || event.data !== undefined;
    const end = stopped ? 'censored' : answered ? 'answered' : 'failed';
    note(atMs, one, { run, n, end, code: answered ? undefined : fault.code, cost });
  }

  function note(
    atMs: number,
    { step, agent, skill, sinceMs }: Out,
    rest: Pick<Observation, 'run' | 'n' | 'end' | 'code' | 'cost'>,
  ): void {
    found({ ...rest, step, agent, skill, atMs, latencyMs: Math.max(0, atMs - sinceMs) });
  }

  return {
    take(atMs, event) {
      if (event.type === 'run.claimed') takenOver(atMs);
      else if (event.type === 'attempt.begun') begun(atMs, event);
      else if (event.type === 'effect.unknown') doubted(atMs, event);
      else if (event.type === 'attempt.ended') ended(atMs, event);
      else if (event.type === 'step.renamed') moveNamed(out, event);
    },
  };
}

/** It was never asked. */
function isAbsent(fault: EventOf<'attempt.ended'>['fault']): boolean {
  return fault?.code === 'agent.refused' && (fault.detail as { absent?: unknown } | undefined)?.absent === true;
}
