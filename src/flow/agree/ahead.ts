/**
 * Ahead by k: asks until one answer leads by k (MAKER). A round asks just as many as the leader still lacks, so no
 * more are asked than one by one would. What is illegal or cannot be read is a red flag: discarded, never repaired.
 *
 * P(right) = 1 / (1 + ((1-p)/p)^k) for errors that are independent. k is the least that reaches the target over the
 * steps left; correlation inflates it, and where errors are the same for all no k helps: that is what checks are for.
 */
import type { AgreeSpec, Member } from '../../model/index.ts';
import { count } from './majority.ts';
import { MAX_ASKS, type Panel, type Protocol, type Reply } from './protocol.ts';
import { effectiveVotes } from './weigh.ts';

interface State {
  members: readonly Member[];
  k: number;
  most: number;
  p: number;
  replies: Reply[];
}

const DEFAULT_TARGET = 0.99;
const DEFAULT_P = 0.9;
/** A lead that nobody can need: beyond it the assumption of independence is what is wrong. */
const MAX_K = 24;
/** Asks for every vote of lead that is wanted, before it gives up. */
const ASKS_PER_K = 8;

/** The least k for a run of `steps` that is wholly right with probability `target`, at `p` right a vote. */
export function leastLead(p: number, steps: number, target: number, rho = 0): number {
  if (p <= 0.5) return MAX_K;
  if (p >= 1) return 1;
  const k = Math.max(1, Math.ceil(Math.log(target ** (-1 / steps) - 1) / Math.log((1 - p) / p)));
  if (rho <= 0) return Math.min(MAX_K, k);
  // As many votes as are worth k that are independent.
  for (let n = k; n < MAX_K; n++) if (effectiveVotes(n, rho) >= k) return n;
  return MAX_K;
}

export function chanceRight(p: number, k: number): number {
  return 1 / (1 + ((1 - p) / p) ** k);
}

export const ahead: Protocol<State> = {
  name: 'ahead',
  about: 'asks until one answer leads by k; `k`, or `target` and `steps` left; illegal answers are discarded',
  panel: 'all',
  start(spec, panel) {
    const p = errorsOf(spec, panel);
    const rho = Math.max(0, ...panel.members.map((m) => (m.trust?.cluster === undefined ? 0 : (m.trust.rho ?? 0))));
    const steps = numberOf(spec.steps, 1);
    const k = numberOf(spec.k, leastLead(p, steps, numberOf(spec.target, DEFAULT_TARGET), rho));
    const most = Math.min(panel.affords ?? Infinity, numberOf(spec.most, ASKS_PER_K * k + k));
    return { members: panel.members, k, most, p, replies: [] };
  },
  next({ members, k, most, p, replies }) {
    const tally = new Map<number, number>();
    for (const { camp, lost } of replies)
      if (lost === undefined && camp !== undefined) tally.set(camp, (tally.get(camp) ?? 0) + 1);
    const [first = 0, second = 0] = [...tally.values()].sort((a, b) => b - a);
    const lead = first - second;
    if (lead >= k) {
      const verdict = count(replies, () => 1, members);
      verdict.belief = chanceRight(p, k);
      return { move: 'verdict', verdict };
    }
    // One more than there may be is enough to be told so: a lead of a billion must not fill the memory first.
    const want = Math.min(k - lead, most - replies.length, MAX_ASKS + 1);
    if (want <= 0)
      return {
        move: 'escalation',
        why: `no answer led by ${k} after ${replies.length} asks`,
        verdict: count(replies, () => 1, members),
      };
    const asks = Array.from({ length: want }, (_, i) => ({
      agent: members[(replies.length + i) % members.length]!.agent,
      kind: 'answer' as const,
    }));
    return { move: 'asks', asks };
  },
  heard(state, reply) {
    state.replies.push(reply);
    return state;
  },
};

/** The mean chance of being right: what the step says, else what trust says of the panel, at its lower bounds. */
function errorsOf(spec: AgreeSpec, { members }: Panel): number {
  if (typeof spec.p === 'number') return spec.p;
  const known = members.flatMap((m) => (m.trust === undefined ? [] : [m.trust.low]));
  return known.length === 0 ? DEFAULT_P : known.reduce((sum, low) => sum + low, 0) / known.length;
}

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : otherwise;
}
