/**
 * Auto: chooses protocol, panel and size for one step from trust, stakes and budget, and says why. It often chooses
 * one agent: recorded answers show that a crowd loses to its best member when nobody else can outvote it rightly.
 */
import type { AgreeSpec, Member } from '../../model/index.ts';
import { ahead } from './ahead.ts';
import { best, byTrust } from './best.ts';
import { cascade } from './cascade.ts';
import { majority } from './majority.ts';
import type { Move, Panel, Protocol, Reply } from './protocol.ts';
import { weightOf } from './weigh.ts';
import { weighted } from './weighted.ts';

interface State {
  inner: Protocol;
  state: unknown;
  why: string;
}

type Stakes = 'low' | 'normal' | 'high';

/** Members whose weight is less than this share of the heaviest change next to no verdict. */
const NEGLIGIBLE: Record<Stakes, number> = { low: 0.5, normal: 0.2, high: 0.05 };
/** Checked outcomes below which figures say too little to leave anybody out. */
const FEW_CHECKED = 10;
const BLIND_PANEL = 5;
/** Prices that differ by more make it worth asking the cheap first. */
const DEAR = 3;

export interface Choice {
  protocol: Protocol;
  members: Member[];
  why: string;
}

export function choose(spec: AgreeSpec, panel: Panel): Choice {
  const stakes = stakesOf(spec);
  const affords = panel.affords ?? Infinity;
  const order = byTrust(panel.members);
  const one = (why: string): Choice => ({ protocol: best, members: order, why });
  if (order.length < 3 || affords < 3)
    return one(order.length < 3 ? 'there are fewer than three' : 'the budget allows one');
  if (spec.check !== undefined && stakes === 'high')
    return { protocol: ahead, members: order, why: 'answers can be checked, and the stakes are high' };
  const known = order.filter((m) => (m.trust?.n ?? 0) >= FEW_CHECKED && m.trust?.suspended !== true);
  if (known.length < 2) {
    if (stakes === 'low') return one('little is known of anybody, and the stakes are low');
    const members = order.slice(0, Math.min(BLIND_PANEL, affords));
    return { protocol: majority, members, why: 'little is known of anybody: votes are equal' };
  }
  const heavy = known.toSorted((a, b) => weightOf(b) - weightOf(a));
  const top = weightOf(heavy[0]!);
  const rest = heavy.slice(1).reduce((sum, m) => sum + Math.max(0, weightOf(m)), 0);
  if (top >= rest)
    return {
      protocol: best,
      members: [heavy[0]!, ...order.filter((m) => m !== heavy[0])],
      why: 'all others together could not outvote the best',
    };
  const floor = top * NEGLIGIBLE[stakes];
  const members = heavy.filter((m) => Math.abs(weightOf(m)) >= floor).slice(0, affords);
  if (members.length < 3) return one('too few weigh enough to change a verdict');
  const prices = members.map((m) => m.price ?? 0);
  const cheapest = Math.min(...prices);
  if (stakes !== 'high' && Math.max(...prices) > DEAR * cheapest && Math.max(...prices) > 0)
    return {
      protocol: cascade,
      members,
      why: 'some cost much more than others: the cheap are asked first',
    };
  return { protocol: weighted, members, why: `${members.length} weigh enough to change a verdict` };
}

function stakesOf(spec: AgreeSpec): Stakes {
  return spec.stakes === 'low' || spec.stakes === 'high' ? spec.stakes : 'normal';
}

export const auto: Protocol<State> = {
  name: 'auto',
  about: 'chooses protocol, panel and size from trust, `stakes` (low, normal, high) and budget; often one agent',
  // Whom it chooses reads them too.
  options: {
    ...majority.options,
    ...weighted.options,
    ...ahead.options,
    ...cascade.options,
    stakes: ['low', 'normal', 'high'],
  },
  panel: 'all',
  start(spec, panel) {
    const { protocol, members, why } = choose(spec, panel);
    // Its panel is whom it chose, not how many it might have chosen from.
    const own = { ...spec, panel: members.length };
    return { inner: protocol, state: protocol.start(own, { ...panel, members }), why: `${protocol.name}: ${why}` };
  },
  next({ inner, state, why }): Move {
    const move = inner.next(state);
    return move.move === 'verdict' ? { ...move, verdict: { ...move.verdict, why } } : move;
  },
  heard(own, reply: Reply) {
    return { ...own, state: own.inner.heard(own.state, reply) };
  },
};
