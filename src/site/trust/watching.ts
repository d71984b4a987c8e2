/** Panels under way show who has changed, though nobody knows what is right: their first answers go to the trust book. */
import type { decide } from '../../flow/index.ts';
import type { EventOf, StepState, Unchecked } from '../../model/index.ts';
import type { TrustBook } from './keep.ts';

/** Two that differ show nothing of either. */
const FEW_ANSWERS = 3;

/** The same decisions; the verdicts among them are looked at beside. */
export function watching(book: Pick<TrustBook, 'watch'>, how: typeof decide): typeof decide {
  return (state, input, at) => {
    const step = 'step' in input && input.step !== undefined ? state.steps.get(input.step) : undefined;
    if (step?.panel === undefined) return how(state, input, at);
    // A step that has settled no longer has its attempts.
    const askers = askersOf(step);
    const decision = how(state, input, at);
    const verdict = decision.events.find((event) => event.type === 'agree.verdict');
    const row = verdict && rowOf(step, askers, verdict);
    // It is beside the run: an outcome that the store could not take is found again by golden tasks, or by another.
    if (row !== undefined) book.watch(row).catch(() => {});
    return decision;
  };
}

/** Who was asked the step's own question; what one says after it has seen others shows nothing of itself. */
function askersOf({ attempts = [] }: StepState): Map<number, string> {
  return new Map(attempts.flatMap((one) => (one.ask?.kind === 'revise' ? [] : [[one.n, one.agent] as const])));
}

function rowOf(
  { spec }: StepState,
  askers: ReadonlyMap<number, string>,
  { votes }: EventOf<'agree.verdict'>,
): Unchecked | undefined {
  const said: Record<string, number> = {};
  for (const { n, camp } of votes) {
    const agent = askers.get(n);
    if (agent !== undefined && camp !== undefined) said[agent] ??= camp;
  }
  return Object.keys(said).length < FEW_ANSWERS ? undefined : { skill: spec.skill!, said };
}
