/** Which of its declared ways a step went by, why not by the others, and what was undone for it. */
import type { FaultData } from '../../base/index.ts';
import type { CutMember, EventOf, StepSpec, StepState } from '../../model/index.ts';

export interface ExplainedWay {
  /** Index among the alternatives, as in the journal; -1 = the step's own skill. */
  way: number;
  /** What it consists of: the skill that is asked, or the names of its steps. */
  name: string;
  atMs: number;
  why: EventOf<'way.taken'>['why'];
  /** From where the work stood. */
  cost: number;
  others: { way: number; name: string; cost?: number; shut?: CutMember[] }[];
  /** What the way before had failed with. */
  fault?: FaultData;
  /** Whose effects had no place in it, in the order of their undoing, and what became of that. */
  undo: { step: string; end?: 'undone' | 'failed' }[];
}

export function explainedWay({ spec }: StepState, event: EventOf<'way.taken'>, atMs: number): ExplainedWay {
  const { way, why, cost, others = [], fault, undo = [] } = event;
  const told: ExplainedWay = {
    way,
    name: nameOf(spec, way),
    atMs,
    why,
    cost,
    others: others.map((other) => Object.assign({}, other, { name: nameOf(spec, other.way) })),
    undo: undo.map((step) => ({ step })),
  };
  if (fault !== undefined) told.fault = fault;
  return told;
}

/** `undo.ended` says nothing of the way that it was for: the latest that waits for it. */
export function noteUndo(ways: readonly ExplainedWay[], { step, fault, again }: EventOf<'undo.ended'>): void {
  if (again) return;
  const waiting = ways.flatMap(({ undo }) => undo).findLast((one) => one.step === step && one.end === undefined);
  if (waiting !== undefined) waiting.end = fault === undefined ? 'undone' : 'failed';
}

function nameOf({ skill, alternatives }: StepSpec, way: number): string {
  const steps = alternatives?.[way]?.body.steps;
  if (steps === undefined) return skill ?? '';
  // A way that is another skill is one step, whose name says its place alone.
  const [only] = steps;
  if (steps.length === 1 && only!.name === `way${way + 1}`) return only!.spec?.skill ?? only!.name;
  return steps.map(({ name }) => name).join(', ');
}
