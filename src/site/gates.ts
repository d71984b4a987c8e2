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
  for (const id of state.open) {
    const step = state.steps.get(id)!;
    const unknown = step.attempts?.some((attempt) => attempt.status === 'unknown') === true;
    const asks = step.kind === 'gate' ? 'gate' : step.at === 'gated' ? 'effect' : unknown ? 'unknown' : undefined;
    if (asks === undefined) continue;
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
