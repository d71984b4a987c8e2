/** What a run waits for a person to say. */
import { DEFAULT_GATE_RIGHT } from '../flow/index.ts';
import { type Json, shellWord } from '../base/index.ts';
import { passOf, type RunState, type StepState, WHOLE_RUN } from '../model/index.ts';

export interface OpenGate {
  /** `*`: the run itself. */
  step: string;
  /** gate: a gate; effect: an effect that waits to pass; unknown: whether a call happened; heal: what to do when no way is left; input: an agent's question; poison: whether a run that took its workers down may go on. */
  asks: 'gate' | 'effect' | 'unknown' | 'heal' | 'input' | 'poison';
  /** The right that an answer needs. */
  right: string;
  /** What the person is shown. */
  show?: Json;
  sinceMs: number;
}

export function openGates(state: RunState): OpenGate[] {
  const gates: OpenGate[] = [];
  const { quarantine } = state;
  if (quarantine !== undefined) {
    const { fault, sinceMs } = quarantine;
    const show = fault as unknown as Json;
    gates.push({ step: WHOLE_RUN, asks: 'poison', right: DEFAULT_GATE_RIGHT, show, sinceMs });
  }
  for (const step of state.steps.values()) {
    const unknown = step.attempts?.some((attempt) => attempt.status === 'unknown') === true;
    // A cancelled step may still have a call of which nobody knows whether it happened.
    if (step.settledSeq !== 0 && !unknown) continue;
    const asks = unknown ? 'unknown' : step.kind === 'gate' ? 'gate' : asksNow(step);
    if (asks === undefined) continue;
    gates.push({
      step: step.id,
      asks,
      right: (asks === 'heal' || asks === 'input' ? step.spec.person : passOf(state, step).right) ?? DEFAULT_GATE_RIGHT,
      show: shownOf(step, asks),
      sinceMs: step.askedAt,
    });
  }
  return gates;
}

/** A step whose input is another one than it was worked with, or is at work with. */
export interface OpenDrift {
  step: string;
  /** The right that a decision needs. */
  right: string;
  /** What it is asked with now. */
  input?: Json;
}

/** Where a person says `keep`, `redo` or `fork` (`site.resolveDrift`): an answer to a gate decides nothing of it. */
export function openDrifts(state: RunState): OpenDrift[] {
  if (state.phase === 'ended') return [];
  return [...state.steps.values()]
    .filter(({ driftHash }) => driftHash !== undefined)
    .map(({ id, drifted }) => ({ step: id, right: 'run:drift', input: drifted?.data }));
}

/** How it is said at a command line. */
export function driftCommand(run: string, step: string): string {
  return `skein drift ${shellWord(run)} ${shellWord(step)} keep|redo|fork`;
}

function shownOf(step: StepState, asks: OpenGate['asks']): Json | undefined {
  if (asks === 'heal') return step.asked as unknown as Json;
  return asks === 'input' ? (step.asked?.detail?.['question'] as Json) : step.input;
}

function asksNow(step: StepState): 'effect' | 'heal' | 'input' | undefined {
  if (step.at === 'gated') return 'effect';
  if (step.at !== 'person' || step.asked === undefined) return undefined;
  return step.asked.code === 'input.required' ? 'input' : 'heal';
}
