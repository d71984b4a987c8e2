/**
 * Perceptual: the answer is made several times over, each is hashed so that like texts have like hashes, and two of
 * three must be near each other. It finds what is said in other words; it does not know an answer from a habit.
 */
import type { AgreeSpec } from '../../model/index.ts';
import { type Panel, type Protocol, singleOf, type Reply, type Verdict } from '../../flow/index.ts';
import { distance, hashOf } from './likeness.ts';
import { counts, textOf } from './spoken.ts';

interface State {
  panel: Panel;
  times: number;
  near: number;
  replies: Reply[];
}

const DEFAULT_TIMES = 3;
/** Bits of 64 that near hashes may differ in: a cosine of about .77 between the texts. */
const DEFAULT_NEAR = 14;
/** Of all that were asked; what was lost is near to nothing. */
const NEEDED = 2 / 3;

export const perceptual: Protocol<State> = {
  name: 'perceptual',
  about: 'not recommended: answers made `times` over; two thirds must have hashes within `near` bits of 64',
  options: { times: 'count', near: 'count' },
  panel: 3,
  start: (spec, panel) => ({
    panel,
    times: Math.max(panel.members.length, numberOf(spec, 'times', DEFAULT_TIMES)),
    near: numberOf(spec, 'near', DEFAULT_NEAR),
    replies: [],
  }),
  next({ panel: { members }, times, near, replies }) {
    if (replies.length === 0) {
      const asks = Array.from({ length: times }, (_, i) => ({
        agent: members[i % members.length]!.agent,
        kind: 'answer' as const,
      }));
      return { move: 'asks', asks };
    }
    const able = replies.filter(counts).map((reply) => ({ reply, hash: hashOf(textOf(reply.output)) }));
    const circles = able.map((one) => {
      const apart = able.map((other) => distance(one.hash, other.hash));
      const inside = able.filter((_, i) => apart[i]! <= near).map(({ reply }) => reply.ask);
      return { ask: one.reply.ask, inside: new Set(inside), sum: apart.reduce((a, b) => a + b, 0) };
    });
    circles.sort((a, b) => b.inside.size - a.inside.size || a.sum - b.sum || a.ask - b.ask);
    const top = circles[0];
    const enough = top !== undefined && top.inside.size >= Math.ceil(NEEDED * replies.length);
    const verdict: Verdict = {
      margin: (top?.inside.size ?? 0) / replies.length,
      votes: replies.map((reply) => {
        const { ask, camp, lost } = reply;
        if (!counts(reply)) return { ask, for: false, weight: 0, why: lost ?? 'no answer' };
        return { ask, for: enough && top.inside.has(ask), weight: 1, camp };
      }),
    };
    const single = singleOf(members, replies);
    if (single !== undefined) verdict.single = single;
    if (!enough)
      return { move: 'escalation', why: able.length === 0 ? 'nobody answered' : 'no two thirds are alike', verdict };
    verdict.chosen = top.ask;
    return { move: 'verdict', verdict };
  },
  heard(state, reply) {
    state.replies.push(reply);
    return state;
  },
};

function numberOf(spec: AgreeSpec, member: string, otherwise: number): number {
  const value = spec[member];
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : otherwise;
}
