/**
 * Cascade: cheap agents first; those who cost more are asked only while the answer is not believed enough. What it
 * stops at is a belief, not an agreement: probes that agree on a wrong answer are the known flaw of cascades.
 */
import type { AgreeSpec, Member } from '../../model/index.ts';
import { lowerBound } from './best.ts';
import type { Protocol, Reply } from './protocol.ts';
import { verdictOf, weigh, weightOf } from './weigh.ts';
import { decideOn, sureOf } from './weighted.ts';

interface State {
  stages: Member[][];
  members: readonly Member[];
  stop: number;
  sure: number;
  replies: Reply[];
}

/** How sure the cheap ones must be for nobody else to be asked. */
const DEFAULT_STOP = 0.8;
const DEFAULT_PROBES = 3;
/** Prices within this factor of the least are cheap. */
const CHEAP = 2;
/** Dearer agents asked after them; on recorded answers a second one added cost and took accuracy away. */
const DEFAULT_FURTHER = 1;

export const cascade: Protocol<State> = {
  name: 'cascade',
  about:
    'cheap agents first, dearer ones while the belief is below `stop`; `probes` come first, and at most `further` after',
  options: { stop: 'share', probes: 'count', further: 'whole', sure: 'share' },
  panel: 'all',
  start(spec, panel) {
    const stages = stagesOf(spec, panel.members);
    const further = typeof spec.further === 'number' ? spec.further : DEFAULT_FURTHER;
    return {
      stages: stages.slice(0, 1 + further),
      members: panel.members,
      stop: stopOf(spec),
      sure: sureOf(spec, 0),
      replies: [],
    };
  },
  next({ stages, members, stop, sure, replies }) {
    let asked = 0;
    for (const stage of stages) {
      if (asked === replies.length) {
        if (asked > 0) {
          const verdict = verdictOf(weigh(replies, members), replies, members);
          if (verdict.chosen !== undefined && (verdict.belief ?? 0) >= stop) return decideOn(replies, members, sure);
        }
        return { move: 'asks', asks: stage.map(({ agent }) => ({ agent, kind: 'answer' })) };
      }
      asked += stage.length;
    }
    return decideOn(replies, members, sure);
  },
  heard(state, reply) {
    state.replies.push(reply);
    return state;
  },
};

function stopOf(spec: AgreeSpec): number {
  return typeof spec.stop === 'number' ? spec.stop : DEFAULT_STOP;
}

/** The cheapest that are worth asking, then the others one by one, what they add for their price first. */
function stagesOf(spec: AgreeSpec, members: readonly Member[]): Member[][] {
  const probes = typeof spec.probes === 'number' ? spec.probes : DEFAULT_PROBES;
  const useful = members.filter((m) => weightOf(m) > 0);
  const worth = useful.length > 0 ? useful : [...members];
  const cheapest = Math.min(...worth.map((m) => m.price ?? 0));
  const cheap = worth.filter((m) => (m.price ?? 0) <= CHEAP * cheapest);
  const first = cheap.toSorted((a, b) => lowerBound(b) - lowerBound(a)).slice(0, probes);
  const rest = worth.filter((m) => !first.includes(m)).toSorted((a, b) => gain(b) - gain(a));
  return [first, ...rest.map((member) => [member])].filter((stage) => stage.length > 0);
}

function gain(member: Member): number {
  return Math.abs(weightOf(member));
}
