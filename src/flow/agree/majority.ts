/** Majority: everybody is asked once, every vote weighs the same, a tie is no verdict. */
import { byTrust } from './best.ts';
import type { Member } from '../../model/index.ts';
import type { Protocol, Reply, Verdict, Vote } from './protocol.ts';

interface State {
  members: readonly Member[];
  replies: Reply[];
}

export const majority: Protocol<State> = {
  name: 'majority',
  about: 'the answer that most agents of the panel gave; a tie is no verdict',
  panel: 5,
  start: (_spec, panel) => ({ members: panel.members, replies: [] }),
  next({ members, replies }) {
    if (replies.length === 0) return { move: 'asks', asks: members.map(({ agent }) => ({ agent, kind: 'answer' })) };
    const verdict = count(replies, () => 1, members);
    if (verdict.chosen !== undefined) return { move: 'verdict', verdict };
    return {
      move: 'escalation',
      why: replies.every((r) => r.lost !== undefined) ? 'nobody answered' : 'a tie',
      verdict,
    };
  },
  heard(state, reply) {
    state.replies.push(reply);
    return state;
  },
};

/** The camp with the most weight, its first answer, and the lead over the second; equal weights are a tie. */
export function count(
  replies: readonly Reply[],
  weightOf: (reply: Reply) => number,
  members: readonly Member[],
): Verdict {
  const sums = new Map<number, number>();
  const votes: Vote[] = replies.map((reply) => {
    if (reply.camp === undefined || reply.lost !== undefined)
      return { ask: reply.ask, for: false, weight: 0, why: reply.lost ?? 'no answer' };
    const weight = weightOf(reply);
    sums.set(reply.camp, (sums.get(reply.camp) ?? 0) + weight);
    return { ask: reply.ask, for: false, weight, camp: reply.camp };
  });
  const ranked = [...sums].sort((a, b) => b[1] - a[1]);
  const [first, second] = ranked;
  const margin = (first?.[1] ?? 0) - (second?.[1] ?? 0);
  const camp = margin > 0 ? first?.[0] : undefined;
  for (const vote of votes) vote.for = vote.camp !== undefined && vote.camp === camp;
  const verdict: Verdict = { margin, votes };
  if (camp !== undefined) verdict.chosen = votes.find((v) => v.for)?.ask;
  const single = singleOf(members, replies);
  if (single !== undefined) verdict.single = single;
  return verdict;
}

/** Whom one would have asked alone, and what it said. */
export function singleOf(members: readonly Member[], replies: readonly Reply[]): Verdict['single'] {
  const [first] = byTrust(members);
  if (first === undefined) return undefined;
  const said = replies.find((r) => r.agent === first.agent && r.lost === undefined && r.camp !== undefined);
  return said === undefined ? { agent: first.agent } : { agent: first.agent, ask: said.ask };
}
