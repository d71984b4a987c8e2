/** Weighted: everybody is asked once, and votes weigh by what each agent's record says. */
import type { AgreeSpec, Member } from '../../model/index.ts';
import type { Move, Protocol, Reply } from './protocol.ts';
import { verdictOf, weigh } from './weigh.ts';

interface State {
  members: readonly Member[];
  sure: number;
  replies: Reply[];
}

/** The least believed probability that a verdict needs: `sure` of the step. */
export function sureOf(spec: AgreeSpec, otherwise: number): number {
  return typeof spec.sure === 'number' ? spec.sure : otherwise;
}

/** Ends with the likeliest answer, or with none when it is not likely enough. */
export function decideOn(
  replies: readonly Reply[],
  members: readonly Member[],
  sure: number,
): Exclude<Move, { move: 'asks' }> {
  const verdict = verdictOf(weigh(replies, members), replies, members);
  if (verdict.chosen === undefined)
    return {
      move: 'escalation',
      why: replies.some((r) => r.lost === undefined) ? 'a tie' : 'nobody answered',
      verdict,
    };
  if ((verdict.belief ?? 1) >= sure) return { move: 'verdict', verdict };
  const why = `believed at ${verdict.belief!.toFixed(2)}, which is less than the ${sure} that it needs`;
  return { move: 'escalation', why, verdict };
}

export const weighted: Protocol<State> = {
  name: 'weighted',
  about: 'votes weigh by the log-odds of their agents, correlation taken off; `sure` is the least belief it needs',
  options: { sure: 'share' },
  panel: 'all',
  start: (spec, panel) => ({ members: panel.members, sure: sureOf(spec, 0), replies: [] }),
  next({ members, sure, replies }) {
    if (replies.length > 0) return decideOn(replies, members, sure);
    return { move: 'asks', asks: members.map(({ agent }) => ({ agent, kind: 'answer' })) };
  },
  heard(state, reply) {
    state.replies.push(reply);
    return state;
  },
};
