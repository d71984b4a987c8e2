/** What a run waits for a person to say. */
import { DEFAULT_GATE_RIGHT } from '../flow/index.ts';
import type { Json } from '../base/index.ts';
import type { RunState } from '../model/index.ts';

export interface OpenGate {
  step: string;
  /** gate: a gate; effect: an effect that waits to pass; unknown: whether a call happened. */
  asks: 'gate' | 'effect' | 'unknown';
  /** The right that an answer needs. */
  right: string;
  /** What the person is shown. */
  show?: Json;
  sinceMs: number;
}

export function openGates(state: RunState): OpenGate[] {
  const gates: OpenGate[] = [];
  // A cancelled step may still have a call of which nobody knows whether it happened.
  for (const [id, step] of state.steps) {
    const open = step.settledSeq === 0;
    const unknown = step.attempts?.some((attempt) => attempt.status === 'unknown') === true;
    const waits = open && (step.kind === 'gate' ? 'gate' : step.at === 'gated' && 'effect');
    const asks = unknown ? 'unknown' : waits;
    if (asks === false) continue;
    gates.push({
      step: id,
      asks,
      right: step.spec.right ?? DEFAULT_GATE_RIGHT,
      show: step.input,
      sinceMs: step.askedAt,
    });
  }
  return gates;
}
