/** Which of the many agents with one skill are near a task: one index a skill, made when it is first needed. */
import type { Clock } from '../../base/index.ts';
import type { AgentBook, Offer } from '../agents.ts';
import { createNearIndex, type Entry, type NearIndex, type NearOptions, type Scored } from './near.ts';
import type { Embedder } from '../../ports/index/index.ts';

export interface NearOffers {
  nearest(skill: string, text: string, limit: number): Scored[] | Promise<Scored[]>;
  /** Agents with the skill that cannot be found yet. */
  waiting(skill: string): number;
}

/** What an agent says of itself brings it to be looked at; what it is believed to be worth is learned. */
export function textOfOffer({ agent, skill }: Offer): string {
  return [skill.name, skill.description ?? '', agent.description ?? '', agent.name].join(' ');
}

export interface NearOffersOptions {
  agents: AgentBook;
  embedder: Embedder;
  clock?: Clock;
  onTrouble?: NearOptions['onTrouble'];
}

export function createNearOffers({ agents, ...how }: NearOffersOptions): NearOffers {
  /** changed: who came, went or says something else since it was last looked. */
  const indexes = new Map<string, { index: NearIndex; changed: Set<string> }>();

  agents.onChange((skills, agent) => {
    for (const skill of skills) indexes.get(skill)?.changed.add(agent);
  });

  function indexOf(skill: string): NearIndex {
    let there = indexes.get(skill);
    if (there === undefined) {
      there = { index: createNearIndex(how), changed: new Set() };
      indexes.set(skill, there);
      const offers = agents.offers(skill);
      there.index.putFirst(entriesOf(offers), offers.length);
    }
    const { index, changed } = there;
    if (changed.size === 0) return index;
    const offers = agents.offersOf(skill, [...changed]);
    const here = new Set(offers.map((offer) => offer.agent.name));
    for (const name of changed) if (!here.has(name)) index.remove(name);
    changed.clear();
    put(index, offers);
    return index;
  }

  return {
    nearest: (skill, text, limit) => indexOf(skill).nearest(text, limit),
    waiting: (skill) => indexOf(skill).waiting,
  };
}

/** An embedder that fails is tried again when somebody is next looked for. */
function put(index: NearIndex, offers: readonly Offer[]): void {
  void index.put([...entriesOf(offers)])?.catch(() => {});
}

function* entriesOf(offers: readonly Offer[]): Iterable<Entry> {
  for (const offer of offers) yield { key: offer.agent.name, text: () => textOfOffer(offer) };
}
