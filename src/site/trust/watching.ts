/**
 * What agreement under way shows beside its verdicts. A check that proves (`proof: true`) says of each answer whether it
 * is right: a checked outcome. Other panels show who has changed, though nobody knows what is right: their first
 * answers go to the trust book.
 */
import type { decide } from '../../flow/index.ts';
import type { Checked, EventOf, Principal, StepState, Unchecked } from '../../model/index.ts';
import type { TrustBook } from './keep.ts';

/** Two that differ show nothing of either. */
const FEW_ANSWERS = 3;
const PROVEN = 0;
const CHECK: Principal = { id: 'check', rights: [] };

/** The same decisions; the verdicts among them are looked at beside. */
export function watching(book: Pick<TrustBook, 'watch' | 'note'>, how: typeof decide): typeof decide {
  return (state, input, at) => {
    const step = 'step' in input && input.step !== undefined ? state.steps.get(input.step) : undefined;
    if (step?.panel === undefined) return how(state, input, at);
    // A step that has settled no longer has its attempts.
    const { spec } = step;
    const askers = askersOf(step);
    const refused = new Set((step.attempts ?? []).flatMap(({ n, illegal }) => (illegal === undefined ? [] : [n])));
    const decision = how(state, input, at);
    const verdict = decision.events.find((event) => event.type === 'agree.verdict');
    if (verdict === undefined) return decision;
    // It is beside the run: what the store could not take is found again by golden tasks, or by another.
    const lost = (): void => {};
    if (spec.agree?.check === undefined || spec.agree.proof !== true) {
      const row = rowOf(spec.skill!, askers, verdict);
      if (row !== undefined) book.watch(row).catch(lost);
      return decision;
    }
    for (const event of decision.events)
      if (event.type === 'attempt.ended' && event.illegal !== undefined) refused.add(event.n);
    const row = provenBy(spec.skill!, askers, refused, verdict);
    if (row !== undefined) book.note(`check/${state.run}|${step.id}`, row, CHECK).catch(lost);
    return decision;
  };
}

/** What passed is right, in whatever words; what was refused is wrong, each in its own way. */
function provenBy(
  skill: string,
  askers: ReadonlyMap<number, string>,
  refused: ReadonlySet<number>,
  { votes }: EventOf<'agree.verdict'>,
): Checked | undefined {
  const said: Record<string, number> = {};
  let wrong = PROVEN;
  for (const { n, camp } of votes) {
    const agent = askers.get(n);
    if (agent === undefined || agent in said) continue;
    if (refused.has(n)) said[agent] = ++wrong;
    else if (camp !== undefined) said[agent] = PROVEN;
  }
  const words = Object.values(said);
  return words.length === 0 ? undefined : { skill, said, right: words.includes(PROVEN) ? PROVEN : -1, source: 'check' };
}

/** Who was asked the step's own question; what one says after it has seen others shows nothing of itself. */
function askersOf({ attempts = [] }: StepState): Map<number, string> {
  return new Map(attempts.flatMap((one) => (one.ask?.kind === 'revise' ? [] : [[one.n, one.agent] as const])));
}

function rowOf(
  skill: string,
  askers: ReadonlyMap<number, string>,
  { votes }: EventOf<'agree.verdict'>,
): Unchecked | undefined {
  const said: Record<string, number> = {};
  for (const { n, camp } of votes) {
    const agent = askers.get(n);
    if (agent !== undefined && camp !== undefined) said[agent] ??= camp;
  }
  return Object.keys(said).length < FEW_ANSWERS ? undefined : { skill, said };
}
