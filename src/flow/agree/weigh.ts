/**
 * Votes with weights. A vote adds log-odds to its answer: fitted together with those of the others where enough is
 * known (then correlation is in the fit), else from the agent's own record, shared within its cluster so that m votes
 * of one kind count as m / (1 + (m - 1) rho). An answer that nobody gave keeps its share of the belief.
 */
import type { Member } from '../../model/index.ts';
import type { Reply, Verdict, Vote } from './protocol.ts';
import { singleOf } from './best.ts';

/** No identity weighs more than this, whatever its record: e^4 is a record of 54 to 1. */
export const MAX_WEIGHT = 4;
/** An agent of which nothing is known: a little better than its errors. */
const UNKNOWN_P = 0.55;
/** Two that are wrong are wrong in the same way so often (recorded answers of models: 41% against 11% by chance). */
const DEFAULT_COLLIDE = 0.41;

/** Log-odds that one vote adds, before correlation. */
export function weightOf({ trust }: Member): number {
  if (trust?.suspended) return 0;
  if (trust?.weight !== undefined) return clamp(trust.weight);
  const p = Math.min(0.99, Math.max(0.01, trust?.low === undefined ? UNKNOWN_P : (trust.p + trust.low) / 2));
  return clamp(Math.log(p / (1 - p)) - Math.log(trust?.collide ?? DEFAULT_COLLIDE));
}

function clamp(weight: number): number {
  return Math.min(MAX_WEIGHT, Math.max(-MAX_WEIGHT, weight));
}

export function effectiveVotes(n: number, rho: number): number {
  return n / (1 + (n - 1) * Math.min(1, Math.max(0, rho)));
}

export interface Weighed {
  /** Each vote's weight as it counts, cluster and all. */
  votes: Vote[];
  scores: Map<number, number>;
  /** The camps' believed probabilities, the highest first. */
  beliefs: { camp: number; score: number; belief: number }[];
}

export function weigh(replies: readonly Reply[], members: readonly Member[]): Weighed {
  const of = new Map(members.map((member) => [member.agent, member]));
  const votes: Vote[] = replies.map((reply) => {
    const member = of.get(reply.agent) ?? { agent: reply.agent };
    if (reply.lost !== undefined || reply.camp === undefined)
      return { ask: reply.ask, for: false, weight: 0, why: reply.lost ?? 'no answer' };
    const vote: Vote = { ask: reply.ask, for: false, weight: weightOf(member), camp: reply.camp };
    if (member.trust?.suspended) vote.why = 'suspended';
    return vote;
  });
  shareClusters(votes, replies, of);
  const scores = new Map<number, number>();
  for (const { camp, weight } of votes) if (camp !== undefined) scores.set(camp, (scores.get(camp) ?? 0) + weight);
  return { votes, scores, beliefs: believe(scores, members) };
}

/**
 * Copies under many names gain nothing: a cluster's votes for one answer weigh like the few they are worth. Nor does
 * one that is asked again: its weight is shared among all that it said.
 */
function shareClusters(votes: Vote[], replies: readonly Reply[], of: ReadonlyMap<string, Member>): void {
  const groups = new Map<string, { vote: Vote; rho: number; fitted: boolean }[]>();
  const times = new Map<string, number>();
  for (const [i, { camp }] of votes.entries())
    if (camp !== undefined) times.set(replies[i]!.agent, (times.get(replies[i]!.agent) ?? 0) + 1);
  for (const [i, vote] of votes.entries()) {
    const { agent } = replies[i]!;
    if (vote.camp === undefined) continue;
    const asked = times.get(agent)!;
    if (asked > 1) {
      vote.weight /= asked;
      vote.why ??= `one of ${asked} answers of the same agent`;
    }
    const trust = of.get(agent)?.trust;
    if (trust?.cluster === undefined) continue;
    const key = `${trust.cluster}|${vote.camp}`;
    const one = { vote, rho: trust.rho ?? 1, fitted: trust.weight !== undefined };
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  for (const group of groups.values()) {
    const rho = group.reduce((sum, one) => sum + one.rho, 0) / group.length;
    const worth = effectiveVotes(group.length, rho);
    const sum = group.reduce((all, { vote }) => all + Math.abs(vote.weight), 0);
    // Fitted weights have what is shared taken off already: then only the cap of one identity holds for all of them.
    const share = group.every(({ fitted }) => fitted)
      ? Math.min(1, (worth * MAX_WEIGHT) / (sum + 1e-9))
      : worth / group.length;
    if (share > 0.999) continue;
    for (const { vote } of group) {
      vote.weight *= share;
      vote.why = `one of ${group.length} that err alike (rho ${rho.toFixed(2)})`;
    }
  }
}

/** Softmax over the answers given, and one place for the answer that nobody gave. */
export function believe(scores: ReadonlyMap<number, number>, members: readonly Member[]): Weighed['beliefs'] {
  const unsaid = members.find((m) => m.trust?.unsaid !== undefined)?.trust?.unsaid ?? 0;
  const top = Math.max(unsaid, ...scores.values());
  let sum = Math.exp(unsaid - top);
  for (const score of scores.values()) sum += Math.exp(score - top);
  return [...scores]
    .map(([camp, score]) => ({ camp, score, belief: Math.exp(score - top) / sum }))
    .sort((a, b) => b.score - a.score || a.camp - b.camp);
}

/** The verdict on what was weighed: the likeliest answer, unless two are as likely. */
export function verdictOf(weighed: Weighed, replies: readonly Reply[], members: readonly Member[]): Verdict {
  const [first, second] = weighed.beliefs;
  const margin = first === undefined ? 0 : first.score - (second?.score ?? 0);
  const verdict: Verdict = { margin, votes: weighed.votes };
  if (first !== undefined && (second === undefined || first.score > second.score)) {
    for (const vote of weighed.votes) vote.for = vote.camp === first.camp;
    verdict.chosen = weighed.votes.find((vote) => vote.for)?.ask;
    verdict.belief = first.belief;
  }
  const single = singleOf(members, replies);
  if (single !== undefined) verdict.single = single;
  return verdict;
}

export function isKnown(members: readonly Member[]): boolean {
  return members.some((m) => m.trust !== undefined);
}

/**
 * The believed probability of a verdict that was reached by other means than weights: what the records of those who
 * said it, and of those who did not, say. Nothing where nothing is known of anybody.
 */
export function believed(
  { chosen }: Pick<Verdict, 'chosen'>,
  replies: readonly Reply[],
  members: readonly Member[],
): number | undefined {
  if (!isKnown(members)) return undefined;
  const camp = replies.find((r) => r.ask === chosen)?.camp;
  return weigh(replies, members).beliefs.find((one) => one.camp === camp)?.belief;
}
