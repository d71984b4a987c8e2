/**
 * Deliberation (NSED): every member scores the answers that are not its own, an answer's score is the mean root of
 * the credits it got, the best is carried on against what the next round brings, and tiredness ends it.
 */
import type { Json } from '../../base/index.ts';
import type { AgreeSpec, Ask } from '../../model/index.ts';
import {
  type Move,
  type Panel,
  type Protocol,
  readScore,
  type Reply,
  singleOf,
  type Verdict,
} from '../../flow/index.ts';
import { campsOf, placed, standing } from './spoken.ts';

interface State {
  panel: Panel;
  rounds: number;
  replies: Reply[];
}

interface Best {
  camp: number;
  ask: number;
  score: number;
}

const DEFAULT_ROUNDS = 2;
const MOST_ROUNDS = 4;
/** What the best of a round is worth against the answers of the next. */
const KEEP = 0.95;
/** The gain that a round must bring, and that much more for each round before it. */
const TIRED = 0.02;
/** What a scorer may give away in all: each answer gets the root of its part. */
const CREDITS = 1;

export const deliberation: Protocol<State> = {
  name: 'deliberate',
  about: 'not recommended: members score answers that are not theirs, at most `rounds` times, the best is carried on',
  options: { rounds: 'whole' },
  panel: 5,
  start: (spec, panel) => ({ panel, rounds: roundsOf(spec), replies: [] }),
  next({ panel, rounds, replies }): Move {
    if (replies.length === 0)
      return { move: 'asks', asks: panel.members.map(({ agent }) => ({ agent, kind: 'answer' })) };
    const passes = passesOf(replies, panel);
    const last = passes.at(-1)!;
    if (last.camps.size === 0) return none('nobody answered');
    if (last.camps.size === 1 && passes.length === 1) {
      const [camp, held] = [...last.camps][0]!;
      return conclude(panel, last.held, { camp, ask: held[0]!.ask, score: 1 }, new Map([[camp, 1]]));
    }
    if (last.scores.length === 0 && last.camps.size > 1) {
      const asks = scoreAsks(last.held, last.camps);
      if (asks.length > 0) return { move: 'asks', asks };
    }
    let best: Best | undefined;
    let gain = Infinity;
    for (const { camps, scores } of passes) {
      const before: number = best?.score ?? 0;
      for (const [camp, score] of scoresOf(camps, scores))
        if (best === undefined || score > best.score * (best.camp === camp ? 1 : 1 / KEEP))
          best = { camp, ask: camps.get(camp)![0]!.ask, score };
      gain = (best?.score ?? 0) - before;
    }
    if (best === undefined) return none('no score could be read');
    if (passes.length <= rounds && last.camps.size > 1 && gain > TIRED * passes.length)
      return { move: 'asks', asks: reviseAsks(panel, best) };
    return conclude(panel, last.held, best, scoresOf(last.camps, last.scores));
  },
  heard(state, reply) {
    state.replies.push(reply);
    return state;
  },
};

function none(why: string): Move {
  return { move: 'escalation', why, verdict: { margin: 0, votes: [] } };
}

function roundsOf({ rounds }: AgreeSpec): number {
  return typeof rounds === 'number' && rounds >= 0 ? Math.min(MOST_ROUNDS, rounds) : DEFAULT_ROUNDS;
}

interface Pass {
  held: Reply[];
  camps: Map<number, Reply[]>;
  scores: Reply[];
}

/** Answers and the scores that followed them, again and again. */
function passesOf(replies: readonly Reply[], panel: Panel): Pass[] {
  const answers = placed(
    replies.filter((r) => r.kind !== 'score'),
    panel,
  );
  const passes: Pass[] = [];
  const size = panel.members.length;
  for (let end = size; end <= answers.length; end += size) {
    const held = standing(answers.slice(0, end));
    const from = answers[end - 1]!.ask;
    const to = answers[end]?.ask ?? Infinity;
    const scores = replies.filter((r) => r.kind === 'score' && r.ask > from && r.ask < to);
    passes.push({ held, camps: campsOf(held), scores });
  }
  return passes;
}

/** The mask: nobody scores what it says itself, by whomever it was said first. */
function scoreAsks(held: readonly Reply[], camps: ReadonlyMap<number, Reply[]>): Ask[] {
  return held.flatMap(({ agent, camp }): Ask[] => {
    const about = [...camps].flatMap(([other, [first]]) => (other === camp ? [] : [first!.ask]));
    return about.length === 0 || camp === undefined ? [] : [{ agent, kind: 'score', about }];
  });
}

function reviseAsks({ members }: Panel, best: Best): Ask[] {
  const say = { score: Math.round(best.score * 1000) / 1000 };
  return members.map(({ agent }) => ({ agent, kind: 'revise', about: [best.ask], say }));
}

/** `{ scores: [0..1, ...] }`, one for each answer shown. */
function readScores(output: Json | undefined, n: number): number[] | undefined {
  const list = typeof output === 'object' && output !== null && !Array.isArray(output) ? output['scores'] : output;
  if (!Array.isArray(list) || list.length !== n) return undefined;
  const scores = list.map((one) => readScore(one));
  return scores.every((score) => score !== undefined) ? scores : undefined;
}

function scoresOf(camps: ReadonlyMap<number, Reply[]>, scores: readonly Reply[]): Map<number, number> {
  const campOf = new Map([...camps].map(([camp, [first]]) => [first!.ask, camp]));
  const roots = new Map<number, number[]>();
  for (const { about = [], output, lost } of scores) {
    const read = lost === undefined ? readScores(output, about.length) : undefined;
    if (read === undefined) continue;
    const spent = Math.max(
      CREDITS,
      read.reduce((a, b) => a + b, 0),
    );
    for (const [i, score] of read.entries()) {
      const camp = campOf.get(about[i]!);
      if (camp !== undefined) roots.set(camp, [...(roots.get(camp) ?? []), Math.sqrt((score * CREDITS) / spent)]);
    }
  }
  return new Map([...roots].map(([camp, all]) => [camp, all.reduce((a, b) => a + b, 0) / all.length]));
}

function conclude(panel: Panel, held: readonly Reply[], best: Best, scores: ReadonlyMap<number, number>): Move {
  const others = [...scores].filter(([camp]) => camp !== best.camp).map(([, score]) => score);
  const margin = best.score - Math.max(0, ...others);
  const verdict: Verdict = {
    chosen: best.ask,
    margin,
    votes: held.map(({ ask, camp, lost }) => {
      if (camp === undefined || lost !== undefined) return { ask, for: false, weight: 0, why: lost ?? 'no answer' };
      return { ask, for: camp === best.camp, weight: scores.get(camp) ?? 0, camp };
    }),
  };
  const single = singleOf(panel.members, held);
  if (single !== undefined) verdict.single = single;
  if (others.includes(best.score)) {
    delete verdict.chosen;
    for (const vote of verdict.votes) vote.for = false;
    return { move: 'escalation', why: 'a tie', verdict };
  }
  return { move: 'verdict', verdict };
}
