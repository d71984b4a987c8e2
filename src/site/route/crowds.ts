/** The cheapest of each crowd: they are looked at beside the nearest, for nearness says nothing of a price. */
import type { AgentBook, Offer } from '../agents.ts';

export interface Crowds {
  /** Up to `limit` of them; none where all cost the same, unless all are ordered by it. */
  cheapest(skill: string, limit: number): Offer[];
}

/** No more of a crowd are ever asked for. */
const KEPT = 64;

/** always: also where all cost the same, by name then. */
export function createCrowds(agents: AgentBook, always: boolean): Crowds {
  const known = new Map<string, Offer[]>();
  agents.onChange((skills) => {
    for (const skill of skills) known.delete(skill);
  });
  return {
    cheapest(skill, limit) {
      let few = known.get(skill);
      if (few === undefined) {
        const offers = agents.offers(skill);
        const differ = always || offers.some((offer) => priceOf(offer) !== priceOf(offers[0]!));
        few = differ ? fewCheapest(offers) : [];
        known.set(skill, few);
      }
      return few.slice(0, limit);
    },
  };
}

/** Without sorting all of a crowd, each time that one of it changes. */
function fewCheapest(offers: readonly Offer[]): Offer[] {
  const few: Offer[] = [];
  for (const offer of offers) {
    if (few.length === KEPT && byPrice(few[KEPT - 1]!, offer) < 0) continue;
    few.push(offer);
    few.sort(byPrice);
    if (few.length > KEPT) few.pop();
  }
  return few;
}

/** Then by name: the order of `choose: fixed`. */
export function byPrice(a: Offer, b: Offer): number {
  return priceOf(a) - priceOf(b) || (a.agent.name < b.agent.name ? -1 : 1);
}

/** Who names none may cost nothing. */
function priceOf({ skill }: Offer): number {
  return skill.price?.money ?? 0;
}
