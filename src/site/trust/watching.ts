/**
 * What agreement under way shows beside its verdicts. A check that proves (`proof: true`) says of each answer whether it
 * is right: a checked outcome. Other panels show who has changed, though nobody knows what is right: their first
 * answers go to the trust book.
 */
import type { Json } from '../../base/index.ts';
import { type Camps, createCamps, type decide } from '../../flow/index.ts';
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
    const refused = new Map<number, Said>();
    for (const { n, illegal, output, camp } of step.attempts ?? [])
      if (illegal !== undefined) refused.set(n, { output, camp });
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
      if (event.type === 'attempt.ended' && event.illegal !== undefined)
        refused.set(event.n, { output: event.data, camp: event.camp });
    const row = provenBy(spec.skill!, askers, refused, createCamps(step.equal ?? { by: 'exact' }), verdict);
    if (row !== undefined) book.note(`check/${state.run}|${step.id}`, row, CHECK).catch(lost);
    return decision;
  };
}

interface Said {
  output?: Json;
  camp?: string;
}

/**
 * What passed is right, in whatever words; what was refused is wrong, and those who said the same were wrong in the
 * same way: by that copies are known.
 */
function provenBy(
  skill: string,
  askers: ReadonlyMap<number, string>,
  refused: ReadonlyMap<number, Said>,
  camps: Camps,
  { votes }: EventOf<'agree.verdict'>,
): Checked | undefined {
  const said: Record<string, number> = {};
  const wrongs = new Map<number, number>();
  let wrong = PROVEN;
  for (const { n, camp } of votes) {
    const agent = askers.get(n);
    if (agent === undefined || agent in said) continue;
    const bad = refused.get(n);
    if (bad !== undefined) {
      const place = camps.place(bad.output, bad.camp);
      const known = place === undefined ? undefined : wrongs.get(place);
      said[agent] = known ?? ++wrong;
      if (place !== undefined) wrongs.set(place, said[agent]);
    } else if (camp !== undefined) said[agent] = PROVEN;
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
