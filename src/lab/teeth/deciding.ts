/** How bugs get into decisions: something is done to the state or the input before, or to the decision after. */
import { decide } from '../../flow/index.ts';
import type { Deciding, Input, RunState } from '../../model/index.ts';
import type { CheckId } from '../sim/finding.ts';
import type { Tooth } from './tooth.ts';

export interface Wrong {
  before?: (state: RunState, input: Input) => Input | undefined;
  /** A decision is still open: what is emitted on it folds. */
  after?: (d: Deciding, input: Input) => void;
}

export function wrongDecision(id: string, bug: string, by: readonly CheckId[], make: () => Wrong): Tooth {
  return {
    id,
    bug,
    by,
    plant: () => ({
      decide() {
        const { before, after } = make();
        return (state, input, at) => {
          const given = before?.(state, input) ?? input;
          const decision = decide(state, given, at) as Deciding;
          after?.(decision, given);
          return decision;
        };
      },
    }),
  };
}

/** Bugs in what a decision asks for, event for event as it should be. */
export function wrongCommands(
  id: string,
  bug: string,
  by: readonly CheckId[],
  after: (d: Deciding, input: Input) => void,
): Tooth {
  return wrongDecision(id, bug, by, () => ({ after }));
}

/** Bugs in what is known when it is decided. */
export function wrongState(
  id: string,
  bug: string,
  by: readonly CheckId[],
  before: (state: RunState, input: Input) => Input | void,
): Tooth {
  return wrongDecision(id, bug, by, () => ({ before: (state, input) => before(state, input) ?? undefined }));
}
