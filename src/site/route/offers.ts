/** Which of the many agents with one skill are near a task: one index a skill, made when it is first needed. */
import type { AgentBook, Offer } from '../agents.ts';
import { createNearIndex, type NearIndex, type Scored } from './near.ts';
import type { Embedder } from '../../ports/index/index.ts';

export interface NearOffers {
  nearest(skill: string, text: string, limit: number): Scored[] | Promise<Scored[]>;
}

/** What an agent says of itself brings it to be looked at; what it is believed to be worth is learned. */
export function textOfOffer({ agent, skill }: Offer): string {
  return [skill.name, skill.description ?? '', agent.description ?? '', agent.name].join(' ');
}

export function createNearOffers(agents: AgentBook, embedder: Embedder): NearOffers {
  const indexes = new Map<string, { index: NearIndex; texts: Map<string, string>; ready: void | Promise<void> }>();

  /** Brings the index up to who is there now. */
  function follow(skill: string): void {
    const there = indexes.get(skill);
    if (there === undefined) return;
    const now = new Map(agents.offers(skill).map((offer) => [offer.agent.name, textOfOffer(offer)]));
    for (const key of there.texts.keys()) if (!now.has(key)) there.index.remove(key);
    const fresh = [...now].filter(([key, text]) => there.texts.get(key) !== text);
    there.texts = now;
    if (fresh.length > 0) there.ready = there.index.put(fresh.map(([key, text]) => ({ key, text })));
  }

  const changed = new Set<string>();
  agents.onChange((skills) => {
    for (const skill of skills) if (indexes.has(skill)) changed.add(skill);
  });

  return {
    nearest(skill, text, limit) {
      if (!indexes.has(skill)) {
        indexes.set(skill, { index: createNearIndex({ embedder }), texts: new Map(), ready: undefined });
        changed.add(skill);
      }
      if (changed.delete(skill)) follow(skill);
      const there = indexes.get(skill)!;
      const { ready } = there;
      if (ready === undefined) return there.index.nearest(text, limit);
      return ready.then(() => there.index.nearest(text, limit));
    },
  };
}
