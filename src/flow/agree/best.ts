/** Best: one agent is believed, the one that trust puts first. When it fails, the next. */
import type { Member } from '../../model/index.ts';
import type { Protocol, Reply, Verdict } from './protocol.ts';

interface State {
  order: Member[];
  replies: Reply[];
}

/** Lower bound first: what is not known well is not believed much. Without figures routing's order stands. */
export function byTrust(members: readonly Member[]): Member[] {
  return members
    .map((member, i) => ({ member, i }))
    .sort((a, b) => lowerBound(b.member) - lowerBound(a.member) || a.i - b.i)
    .map(({ member }) => member);
}

/** An agent of which nothing is known is believed as much as a coin, less what is unsure. */
const UNKNOWN_LOW = 0.25;

export function lowerBound({ trust }: Member): number {
  if (trust?.suspended) return 0;
  return trust?.low ?? UNKNOWN_LOW;
}

export const best: Protocol<State> = {
  name: 'best',
  about: 'one agent, the most trusted; when it fails, the next',
  options: {},
  panel: 'all',
  start: (_spec, panel) => ({ order: byTrust(panel.members), replies: [] }),
  next({ order, replies }) {
    const last = replies.at(-1);
    if (last !== undefined && last.lost === undefined) {
      const member = order[replies.length - 1];
      const votes = replies.map((r) => ({
        ask: r.ask,
        for: r === last,
        weight: r === last ? 1 : 0,
        camp: r.camp,
        why: r.lost,
      }));
      const single = { agent: order[0]!.agent, ask: 0 };
      return { move: 'verdict', verdict: { chosen: last.ask, margin: 1, belief: member?.trust?.p, votes, single } };
    }
    const agent = order[replies.length]?.agent;
    if (agent !== undefined) return { move: 'asks', asks: [{ agent, kind: 'answer' }] };
    const votes = replies.map((r) => ({ ask: r.ask, for: false, weight: 0, why: r.lost }));
    return { move: 'escalation', why: 'nobody answered', verdict: { margin: 0, votes } };
  },
  heard(state, reply) {
    state.replies.push(reply);
    return state;
  },
};

/** Whom one would have asked alone, and what it said. */
export function singleOf(members: readonly Member[], replies: readonly Reply[]): Verdict['single'] {
  const [first] = byTrust(members);
  if (first === undefined) return undefined;
  const said = replies.find((r) => r.agent === first.agent && r.lost === undefined && r.camp !== undefined);
  return said === undefined ? { agent: first.agent } : { agent: first.agent, ask: said.ask };
}
