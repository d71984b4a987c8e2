/**
 * Ahead by k: asks until one answer leads by k (MAKER). A round asks just as many as the leader still lacks, so no
 * more are asked than one by one would. What is illegal or cannot be read is a red flag: discarded, never repaired.
 *
 * P(right) = 1 / (1 + ((1-p)/p)^k) for errors that are independent, where p is the chance of the right answer against
 * the likeliest wrong one: those that err do not all err alike. k is the least that reaches the target over the steps
 * left; correlation inflates it, and where errors are the same for all no k helps: that is what checks are for.
 *
 * What is believed of the verdict does not come from k where anything is known of the members. Asked again they mostly
 * say the same, and what most of them say may be wrong: so it is what their records say of these votes, each agent's
 * shared among all that it said (weigh.ts).
 */
import type { AgreeSpec, Member } from '../../model/index.ts';
import { count } from './majority.ts';
import { MAX_ASKS, type Protocol, type Reply } from './protocol.ts';
import { believed, effectiveVotes, isKnown } from './weigh.ts';

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
  options: { k: 'count', target: 'share', steps: 'count', most: 'count', p: 'share' },
  panel: 'all',
  start(spec, panel) {
    const able = panel.members.filter((m) => m.trust?.suspended !== true);
    const members = able.length > 0 ? able : panel.members;
    const p = againstRival(spec, members);
    const rho = Math.max(0, ...members.map((m) => (m.trust?.cluster === undefined ? 0 : (m.trust.rho ?? 0))));
    const wanted = leastLead(p, numberOf(spec.steps, 1), numberOf(spec.target, DEFAULT_TARGET), rho);
    // Of members that are known no more lead is wanted than all of them together give: the same again is not news.
    const k = numberOf(spec.k, isKnown(members) ? Math.min(wanted, Math.max(1, members.length - 1)) : wanted);
    const most = Math.min(panel.affords ?? Infinity, numberOf(spec.most, ASKS_PER_K * k + k));
    return { members, k, most, p, replies: [] };
  },
  next({ members, k, most, p, replies }) {
    const tally = new Map<number, number>();
    for (const { camp, lost } of replies)
      if (lost === undefined && camp !== undefined) tally.set(camp, (tally.get(camp) ?? 0) + 1);
    const [first = 0, second = 0] = [...tally.values()].sort((a, b) => b - a);
    const lead = first - second;
    if (lead >= k) {
      const verdict = count(replies, () => 1, members);
      verdict.belief = believed(verdict, replies, members) ?? chanceRight(p, k);
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

/**
 * The chance of the right answer against the likeliest wrong one: what the step says, else what trust says of the
 * panel, at its lower bounds and by how often two that are wrong say the same.
 */
function againstRival(spec: AgreeSpec, members: readonly Member[]): number {
  if (typeof spec.p === 'number') return spec.p;
  const known = members.flatMap((m) => (m.trust === undefined ? [] : [m.trust]));
  if (known.length === 0) return DEFAULT_P;
  const p = known.reduce((sum, { low }) => sum + low, 0) / known.length;
  return p / (p + (1 - p) * (known[0]!.collide ?? 1));
}

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : otherwise;
}
