/** The tale of a run: what every step came to, also of those that the state has let go of. */
import { Fault, type FaultData, type Json } from '../base/index.ts';
import { addAmounts, type Amounts, type Event, fold, type Outcome, type RunState, type Turn } from '../model/index.ts';
import type { Store } from '../ports/store/index.ts';
import { loadRun } from './load.ts';
import { moveNamed } from './names.ts';

export interface StepTale {
  step: string;
  /** Its former ids, where it was renamed. */
  was?: string[];
  kind: string;
  hash: string;
  input?: Json;
  out?: Outcome;
  output?: Json;
  fault?: FaultData;
  labels?: string[];
  /** Whom it was asked of, in order. */
  agents: string[];
  attempts: number;
  turns?: number;
  spent: Amounts;
}

export interface Tale extends Pick<
  RunState,
  'run' | 'workflow' | 'version' | 'input' | 'outcome' | 'output' | 'fault' | 'forkOf'
> {
  spent: Amounts;
  steps: Map<string, StepTale>;
  turns: Turn[];
}

export async function tellRun(store: Store, run: string): Promise<Tale> {
  const steps = new Map<string, StepTale>();
  const turns: Turn[] = [];
  const { state } = await loadRun(store, run, {
    snapshot: 'needed',
    take(state, turn) {
      turns.push(turn);
      state.at = turn.at;
      for (const event of turn.events) {
        fold(state, event);
        tell(steps, state, event);
      }
      return true;
    },
  });
  if (turns.length === 0) throw new Fault('not-found', `there is no run ${run}`);
  const { workflow, version, input, outcome, output, fault, forkOf } = state;
  return { run, workflow, version, input, outcome, output, fault, forkOf, spent: state.budget.spent, steps, turns };
}

function tell(steps: Map<string, StepTale>, state: RunState, event: Event): void {
  switch (event.type) {
    case 'step.asked': {
      const { step, kind, hash, data, labels } = event;
      steps.set(step, { step, kind, hash, input: data, labels, agents: [], attempts: 0, spent: {} });
      return;
    }
    case 'step.renamed': {
      moveNamed(steps, event);
      for (const [id, tale] of steps)
        if (tale.step !== id) Object.assign(tale, { step: id, was: [...(tale.was ?? []), tale.step] });
      return;
    }
    case 'step.settled':
    case 'step.skipped': {
      const tale = steps.get(event.step);
      const step = state.steps.get(event.step);
      if (tale === undefined || step === undefined) return;
      Object.assign(tale, { out: step.out, output: step.output, fault: step.fault, labels: step.labels });
      return;
    }
    case 'attempt.begun': {
      const tale = steps.get(event.step);
      tale?.agents.push(event.agent);
      if (tale !== undefined) tale.attempts++;
      return;
    }
    case 'attempt.ended': {
      const tale = steps.get(event.step);
      if (tale !== undefined) tale.spent = addAmounts(tale.spent, event.cost);
      return;
    }
    case 'loop.turned': {
      const tale = steps.get(event.step);
      if (tale !== undefined) tale.turns = event.turn;
      return;
    }
    default:
  }
}

/** The step of this id, or the one that had it before. */
export function stepCalled({ steps }: Tale, id: string): StepTale | undefined {
  return steps.get(id) ?? [...steps.values()].findLast(({ was }) => was?.includes(id));
}
