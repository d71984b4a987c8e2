/**
 * SelfOrg: an answer contributes as much as it is like the mean answer; those that contribute least see those that
 * contribute most, and answer again; the answer that contributes most wins. An echo by construction: what most say
 * is what all are told. One round of edges is kept here of the many that its authors allow.
 */
import type { Ask } from '../../model/index.ts';
import { type Move, type Panel, type Protocol, type Reply, singleOf, type Verdict } from '../../flow/index.ts';
import { cosine, meanOf, vectorOf } from './likeness.ts';
import { counts, placed, standing, textOf } from './spoken.ts';

interface State {
  panel: Panel;
  replies: Reply[];
}

/** Edges into an agent that is told. */
const TELLERS = 2;
/** Contributions that differ by less are equal: sums of floating numbers. */
const EQUAL = 1e-9;

interface Contribution {
  reply: Reply;
  score: number;
}

export const selforg: Protocol<State> = {
  name: 'selforg',
  about: 'not recommended: who is least like the mean answer sees who is most like it, and answers again',
  options: {},
  panel: 5,
  start: (_spec, panel) => ({ panel, replies: [] }),
  next({ panel, replies }): Move {
    if (replies.length === 0)
      return { move: 'asks', asks: panel.members.map(({ agent }) => ({ agent, kind: 'answer' })) };
    const held = standing(placed(replies, panel));
    const ranked = contributions(held);
    if (!replies.some((r) => r.kind === 'revise')) {
      const asks = reviseAsks(ranked);
      if (asks.length > 0) return { move: 'asks', asks };
    }
    return conclude(panel, held, ranked);
  },
  heard(state, reply) {
    state.replies.push(reply);
    return state;
  },
};

/** The most first. */
function contributions(held: readonly Reply[]): Contribution[] {
  const able = held.filter(counts);
  const vectors = able.map((reply) => vectorOf(textOf(reply.output)));
  const mean = meanOf(vectors);
  return able
    .map((reply, i) => ({ reply, score: cosine(vectors[i]!, mean) }))
    .sort((a, b) => b.score - a.score || a.reply.ask - b.reply.ask);
}

/** The lower half is told; who says what its tellers say has nothing to hear. */
function reviseAsks(ranked: readonly Contribution[]): Ask[] {
  const told = ranked.slice(Math.ceil(ranked.length / 2));
  return told.flatMap(({ reply, score }): Ask[] => {
    const above = ranked.filter((one) => one.score > score + EQUAL && one.reply.camp !== reply.camp).slice(0, TELLERS);
    if (above.length === 0) return [];
    return [{ agent: reply.agent, kind: 'revise', about: above.map((one) => one.reply.ask) }];
  });
}

function conclude({ members }: Panel, held: readonly Reply[], ranked: readonly Contribution[]): Move {
  const top = ranked[0];
  const second = ranked.find((one) => one.reply.camp !== top?.reply.camp);
  const margin = (top?.score ?? 0) - (second?.score ?? 0);
  const camp = top !== undefined && (second === undefined || margin > EQUAL) ? top.reply.camp : undefined;
  const scoreOf = new Map(ranked.map(({ reply, score }) => [reply.ask, score]));
  const verdict: Verdict = {
    margin,
    votes: held.map((reply) => {
      const { ask, camp: own, lost } = reply;
      if (!counts(reply)) return { ask, for: false, weight: 0, why: lost ?? 'no answer' };
      return { ask, for: own === camp, weight: scoreOf.get(ask) ?? 0, camp: own };
    }),
  };
  const single = singleOf(members, held);
  if (single !== undefined) verdict.single = single;
  if (camp === undefined) return { move: 'escalation', why: top === undefined ? 'nobody answered' : 'a tie', verdict };
  verdict.chosen = top!.reply.ask;
  return { move: 'verdict', verdict };
}
