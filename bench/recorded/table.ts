/** One question put to a protocol: the recorded answers are what its agents say. */
import { deliberate, protocolNamed, type Verdict } from '../../src/flow/index.ts';
import {
  type AgreeSpec,
  figuresOf,
  foldChecked,
  foldUnchecked,
  type Member,
  newTrust,
  type TrustState,
} from '../../src/model/index.ts';
import type { Item } from './files.ts';

export const SKILL = 'questions';

export function skillOf(item: Item): string {
  return `${SKILL}/${item.part}`;
}

/** Camps by what was said; -1 where nothing could be read. */
export function saidIn(item: Item, agents: readonly string[], columns: readonly number[]) {
  const camps = new Map<string, number>();
  const said: Record<string, number> = {};
  for (const [i, agent] of agents.entries()) {
    const answer = item.answers[columns[i]!]!;
    if (answer === '-') said[agent] = -1;
    else {
      if (!camps.has(answer)) camps.set(answer, camps.size);
      said[agent] = camps.get(answer)!;
    }
  }
  return { said, right: camps.get(item.gold) ?? -1 };
}

export interface Table {
  agents: string[];
  columns: number[];
  trust: TrustState;
  /** A golden item: its right answer is known, so trust learns from it, and it is no test item. */
  learn(item: Item): void;
  /** An item of which nobody is told the answer: it can only show that an agent has changed. */
  watch(item: Item): void;
  ask(by: string, item: Item, spec?: Partial<AgreeSpec>): Asked;
}

export interface Asked {
  right: boolean;
  /** What was decided on, if anything was. */
  answer: string | undefined;
  belief: number;
  verdict: Verdict;
  asked: string[];
}

/** Agents by column of the file; `price` says what one call costs. */
export function createTable(agents: string[], columns: number[], price?: (agent: string) => number): Table {
  const trust = newTrust();
  const panels = new Map<string, { revision: number; members: Member[] }>();

  function membersFor(skill: string): Member[] {
    const revision = trust.skills[SKILL]?.revision ?? 0;
    const known = panels.get(skill);
    if (known?.revision === revision) return known.members;
    const figures = figuresOf(trust, skill);
    const members = agents.map((agent): Member => ({ agent, trust: figures.get(agent), price: price?.(agent) }));
    panels.set(skill, { revision, members });
    return members;
  }

  return {
    agents,
    columns,
    trust,
    learn(item) {
      foldChecked(trust, { skill: skillOf(item), ...saidIn(item, agents, columns), source: 'golden' });
    },
    watch(item) {
      foldUnchecked(trust, { skill: skillOf(item), said: saidIn(item, agents, columns).said });
    },
    ask(by, item, spec = {}) {
      const members = membersFor(skillOf(item));
      const column = new Map(agents.map((agent, i) => [agent, columns[i]!]));
      const panel = { members, judges: [], equal: { by: 'exact' } as const };
      const talk = deliberate(protocolNamed(by)!, { by, ...spec }, panel, (_, { agent }) => {
        const answer = item.answers[column.get(agent)!]!;
        return answer === '-' ? { lost: 'nothing could be read' } : { output: answer };
      });
      const { verdict } = talk.end!;
      const said = talk.replies.find((r) => r.ask === verdict.chosen)?.output;
      const answer = talk.end!.move === 'verdict' && typeof said === 'string' ? said : undefined;
      return {
        right: answer === item.gold,
        answer,
        belief: verdict.belief ?? 0,
        verdict,
        asked: talk.asks.map((ask) => ask.agent),
      };
    },
  };
}
