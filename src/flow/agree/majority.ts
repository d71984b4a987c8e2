/**
 * Majority: everybody is asked, every vote weighs the same, and the answer needs more than half of the panel that the
 * step wants. Who failed or is not there did not vote for it, so one that is left alone decides nothing. A tie is no
 * verdict. Before that is said, those that failed in passing are asked once more.
 */
import { singleOf } from './best.ts';
import type { AgreeSpec, Member } from '../../model/index.ts';
import type { Protocol, Reply, Verdict, Vote } from './protocol.ts';
import { believed } from './weigh.ts';

interface State {
  members: readonly Member[];
  quorum: number;
  again: boolean;
  replies: Reply[];
}

/** What a majority was to the first engine: the most votes of those that answered, nobody asked twice. */
export const BARE = { quorum: 1, again: false };

/** The votes that the answer needs: `quorum` of the step, else more than half of its panel. */
function quorumOf({ quorum, panel }: AgreeSpec, { length }: readonly Member[]): number {
  return typeof quorum === 'number' ? quorum : Math.floor((panel ?? length) / 2) + 1;
}

export const majority: Protocol<State> = {
  name: 'majority',
  about: 'the answer that more than half of the panel gave, or `quorum` of it; a tie is no verdict',
  options: { quorum: 'count', again: 'flag' },
  panel: 5,
  start: (spec, { members }) => ({
    members,
    quorum: quorumOf(spec, members),
    again: spec.again !== false,
    replies: [],
  }),
  next({ members, quorum, again, replies }) {
    if (members.length < quorum) {
      const why = `${quorum} votes must agree, and only ${members.length} can be asked`;
      return { move: 'escalation', why, verdict: { margin: 0, votes: [] } };
    }
    if (replies.length === 0) return { move: 'asks', asks: members.map(({ agent }) => ({ agent, kind: 'answer' })) };
    const verdict = count(replies, () => 1, members);
    const belief = believed(verdict, replies, members);
    if (belief !== undefined) verdict.belief = belief;
    const held = largest(verdict);
    if (verdict.chosen !== undefined && held >= quorum) return { move: 'verdict', verdict };
    const failed = again && replies.length === members.length ? replies.filter((r) => r.passing === true) : [];
    if (failed.length > 0 && held + failed.length >= quorum)
      return { move: 'asks', asks: failed.map(({ agent }) => ({ agent, kind: 'answer' })) };
    const why =
      verdict.chosen !== undefined
        ? `the answer most often given has ${held} of the ${quorum} votes that it needs`
        : replies.every((r) => r.lost !== undefined)
          ? 'nobody answered'
          : 'a tie';
    return { move: 'escalation', why, verdict };
  },
  heard(state, reply) {
    state.replies.push(reply);
    return state;
  },
};

function largest({ votes }: Verdict): number {
  const held = new Map<number, number>();
  for (const { camp } of votes) if (camp !== undefined) held.set(camp, (held.get(camp) ?? 0) + 1);
  return Math.max(0, ...held.values());
}

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
