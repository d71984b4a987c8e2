/**
 * Ranked: answers are gated good or bad, then compared in pairs by judges who see no names, in both orders, about
 * three pairs an answer (a ring and half rings). Equal answers stand as one. Judges weigh by their record at
 * judging; one that is worse than chance is turned around.
 */
import type { AgreeSpec, Ask, Member } from '../../model/index.ts';
import { type Comparison, rank, sigmoid } from './bradley.ts';
import { readGrade, readWinner } from './judgement.ts';
import { singleOf } from './best.ts';
import type { Move, Panel, Protocol, Reply, Verdict } from './protocol.ts';
import { sureOf } from './weighted.ts';
import { believed, weigh } from './weigh.ts';

interface State {
  panel: Panel;
  skill: string;
  gated: boolean;
  pairs: number;
  sure: number;
  replies: Reply[];
}

const PAIRS_PER_ANSWER = 3;
/** What two answers alone are worth: every judge compares them. */
const UNKNOWN_ETA = 0.7;
/** Support by agents of known record moves a score by at most this share of it: the crowd is a weak prior. */
const CROWD_SHARE = 0.25;

export const ranked: Protocol<State> = {
  name: 'ranked',
  about:
    'blind pair comparisons by judges in both orders, Bradley-Terry with signed judge reliability; `judge` is their skill',
  options: { gate: 'flag', pairs: 'positive', sure: 'share' },
  panel: 5,
  judged: true,
  start: (spec, panel) => ({
    panel: { ...panel, judges: admitted(panel.judges) },
    skill: judgeSkillOf(spec),
    gated: spec.gate !== false,
    pairs: typeof spec.pairs === 'number' ? spec.pairs : PAIRS_PER_ANSWER,
    sure: sureOf(spec, 0),
    replies: [],
  }),
  next(state) {
    const { panel, replies } = state;
    if (replies.length === 0)
      return { move: 'asks', asks: panel.members.map(({ agent }) => ({ agent, kind: 'answer' })) };
    const founders = foundersOf(replies);
    if (founders.length === 0) return { move: 'escalation', why: 'nobody answered', verdict: { margin: 0, votes: [] } };
    if (founders.length === 1) return conclude(state, founders, [0], [founders[0]!.camp!]);
    const graded = replies.some((r) => r.kind === 'grade');
    if (state.gated && !graded && !replies.some((r) => r.kind === 'compare')) {
      const asks = gradeAsks(state, founders);
      if (asks.length > 0) return { move: 'asks', asks };
    }
    const left = graded ? good(state, founders) : founders;
    if (left.length === 1) return conclude(state, left, [0], [left[0]!.camp!]);
    const compared = replies.filter((r) => r.kind === 'compare');
    if (compared.length === 0) {
      const asks = compareAsks(state, left);
      if (asks.length > 0) return { move: 'asks', asks };
      return { move: 'escalation', why: 'every judge is an author', verdict: { margin: 0, votes: [] } };
    }
    const judges = panel.judges;
    const index = new Map(left.map((founder, i) => [founder.ask, i]));
    const comparisons = compared.flatMap((reply): Comparison[] => {
      const [a, b] = (reply.about ?? []).map((ask) => index.get(ask));
      const judge = judges.findIndex((j) => j.agent === reply.agent);
      const won = reply.lost === undefined ? readWinner(reply.output) : undefined;
      if (a === undefined || b === undefined || judge < 0 || won === undefined) return [];
      return [{ judge, a, b, won: won === 'tie' ? undefined : won === 'first' ? a : b }];
    });
    if (comparisons.length === 0)
      return { move: 'escalation', why: 'no judgement could be read', verdict: { margin: 0, votes: [] } };
    const crowd = weigh(
      replies.filter((r) => r.kind === 'answer'),
      panel.members,
    ).scores;
    const means = left.map(({ camp }) =>
      panel.members.some((m) => m.trust) ? CROWD_SHARE * (crowd.get(camp!) ?? 0) : 0,
    );
    const { scores } = rank(left.length, comparisons, judges.map(etaOf), means);
    return conclude(
      state,
      left,
      scores,
      left.map((f) => f.camp!),
    );
  },
  heard(state, reply) {
    state.replies.push(reply);
    return state;
  },
};

function judgeSkillOf(spec: AgreeSpec): string {
  return spec.judge ?? 'judge';
}

/** Where anybody was examined at judging, those that never were, or are suspended, do not judge. */
function admitted(judges: readonly Member[]): readonly Member[] {
  const known = judges.filter(({ trust }) => trust !== undefined && trust.suspended !== true);
  return known.length > 0 ? known : judges;
}

/** A fitted weight is log-odds already. */
export function etaOf({ trust }: Member): number {
  if (trust?.suspended) return 0.5;
  if (trust?.weight !== undefined) return sigmoid(trust.weight);
  return trust === undefined ? UNKNOWN_ETA : trust.p;
}

/** The first answer of each camp speaks for it. */
function foundersOf(replies: readonly Reply[]): Reply[] {
  const camps = new Map<number, Reply>();
  for (const reply of replies)
    if (reply.kind === 'answer' && reply.lost === undefined && reply.camp !== undefined && !camps.has(reply.camp))
      camps.set(reply.camp, reply);
  return [...camps.values()];
}

/** Nobody judges an answer that is its own, or equal to its own. */
function mayJudge({ panel, replies }: State, judge: Member, about: readonly Reply[]): boolean {
  const own = replies.find((r) => r.kind === 'answer' && r.agent === judge.agent);
  return own?.camp === undefined || !about.some((r) => r.camp === own.camp) || panel.judges.length === 0;
}

function gradeAsks(state: State, founders: readonly Reply[]): Ask[] {
  const asks: Ask[] = [];
  for (const [i, founder] of founders.entries()) {
    const able = state.panel.judges.filter((j) => mayJudge(state, j, [founder]) && etaOf(j) > 0.5);
    for (let k = 0; k < Math.min(2, able.length); k++)
      asks.push({ agent: able[(i + k) % able.length]!.agent, kind: 'grade', about: [founder.ask], skill: state.skill });
  }
  return asks;
}

/** All but those that everybody called bad; when that is all, all of them. */
function good({ replies }: State, founders: readonly Reply[]): Reply[] {
  const passed = founders.filter((founder) => {
    const grades = replies.filter((r) => r.kind === 'grade' && r.about?.[0] === founder.ask && r.lost === undefined);
    const read = grades.map((r) => readGrade(r.output)).filter((grade) => grade !== undefined);
    return read.length < 2 || read.some((grade) => grade);
  });
  return passed.length === 0 ? [...founders] : passed;
}

/** Ring, then half rings, each pair in both orders by one judge; two answers go to every judge. */
function compareAsks(state: State, left: readonly Reply[]): Ask[] {
  const n = left.length;
  const { judges } = state.panel;
  const asks: Ask[] = [];
  const both = (judge: Member, a: Reply, b: Reply): void => {
    const ask = { agent: judge.agent, kind: 'compare' as const, skill: state.skill };
    asks.push({ ...ask, about: [a.ask, b.ask] }, { ...ask, about: [b.ask, a.ask] });
  };
  if (n === 2) {
    for (const judge of judges) if (mayJudge(state, judge, left)) both(judge, left[0]!, left[1]!);
    return asks;
  }
  let turn = 0;
  for (const [i, j] of pairsOf(n, state.pairs)) {
    const able = judges.filter((judge) => mayJudge(state, judge, [left[i]!, left[j]!]));
    if (able.length > 0) both(able[turn++ % able.length]!, left[i]!, left[j]!);
  }
  return asks;
}

/** Steps of 1, n/2, n/3, ... around the ring: every answer meets near and far ones; each pair once. */
export function pairsOf(n: number, perAnswer: number): [number, number][] {
  const pairs = new Map<number, [number, number]>();
  const wanted = Math.min((n * (n - 1)) / 2, Math.round((perAnswer * n) / 2) + n);
  const strides = [1, Math.max(1, Math.floor(n / 2)), ...Array.from({ length: n }, (_, i) => i + 2)];
  for (const stride of strides)
    for (let i = 0; i < n && pairs.size < wanted; i++) {
      const j = (i + stride) % n;
      if (i === j) continue;
      pairs.set(Math.min(i, j) * n + Math.max(i, j), [i, j]);
    }
  return [...pairs.values()];
}

function conclude(state: State, left: readonly Reply[], scores: readonly number[], camps: readonly number[]): Move {
  const { replies, panel, sure } = state;
  const order = scores.map((score, i) => ({ score, i })).sort((a, b) => b.score - a.score || a.i - b.i);
  const top = order[0]!;
  const margin = top.score - (order[1]?.score ?? 0);
  const sum = order.reduce((all, { score }) => all + Math.exp(score - top.score), 0);
  const chosen = left[top.i]!;
  const answers = replies.filter((r) => r.kind === 'answer');
  const scoreOf = new Map(camps.map((camp, i) => [camp, scores[i]!]));
  const verdict: Verdict = {
    chosen: chosen.ask,
    margin,
    belief: left.length === 1 ? believed({ chosen: chosen.ask }, answers, panel.members) : 1 / sum,
    votes: answers.map((r) => ({
      ask: r.ask,
      for: r.camp !== undefined && r.camp === chosen.camp,
      weight: r.camp === undefined ? 0 : (scoreOf.get(r.camp) ?? 0),
      camp: r.camp,
      why: r.lost ?? (r.camp !== undefined && !scoreOf.has(r.camp) ? 'graded bad' : undefined),
    })),
  };
  const single = singleOf(panel.members, replies);
  if (single !== undefined) verdict.single = single;
  if (order[1] !== undefined && margin === 0) return { move: 'escalation', why: 'a tie', verdict };
  if ((verdict.belief ?? 1) < sure)
    return { move: 'escalation', why: `believed at ${verdict.belief!.toFixed(2)}, less than ${sure}`, verdict };
  return { move: 'verdict', verdict };
}
