/**
 * Round table (ReConcile): only where answers differ do all see what is held and answer again; a round that brings
 * them no nearer to each other is the last, and is not believed. Debate alone does not raise the chance of being
 * right: it is here to be measured.
 */
import type { AgreeSpec, Ask } from '../../model/index.ts';
import { count, type Move, type Panel, type Protocol, type Reply, type Verdict } from '../../flow/index.ts';
import { campsOf, confidenceOf, placed, standing } from './spoken.ts';

interface State {
  panel: Panel;
  rounds: number;
  replies: Reply[];
}

const DEFAULT_ROUNDS = 2;
const MOST_ROUNDS = 3;
/** What a confidence is worth, as its authors found: those below .6 next to nothing, only 1 the whole. */
const WORTH = [
  [1, 1],
  [0.9, 0.8],
  [0.8, 0.5],
  [0.6, 0.3],
] as const;
const LEAST_WORTH = 0.1;

export function worthOf(confidence: number | undefined): number {
  if (confidence === undefined) return 1;
  if (confidence <= 0.6) return LEAST_WORTH;
  return WORTH.find(([least]) => confidence >= least)![1];
}

export const roundtable: Protocol<State> = {
  name: 'roundtable',
  about: 'not recommended: answers that differ are shown to all, who answer again, at most `rounds` times',
  options: { rounds: 'whole' },
  panel: 5,
  start: (spec, panel) => ({ panel, rounds: roundsOf(spec), replies: [] }),
  next({ panel, rounds, replies }): Move {
    const size = panel.members.length;
    if (replies.length === 0)
      return { move: 'asks', asks: panel.members.map(({ agent }) => ({ agent, kind: 'answer' })) };
    const all = placed(replies, panel);
    const held = standing(all);
    const now = tally(held, panel);
    const round = replies.length / size - 1;
    if (now.verdict.votes.every((vote) => vote.camp === undefined))
      return { move: 'escalation', why: 'nobody answered', verdict: now.verdict };
    const before = round === 0 ? undefined : tally(standing(all.slice(0, -size)), panel);
    const helped = before === undefined || now.lead > before.lead;
    const camps = campsOf(held);
    if (camps.size > 1 && round < rounds && helped) return { move: 'asks', asks: reviseAsks(panel, camps, round) };
    const { verdict } = helped ? now : before;
    return verdict.chosen === undefined
      ? { move: 'escalation', why: 'a tie after all rounds', verdict }
      : { move: 'verdict', verdict };
  },
  heard(state, reply) {
    state.replies.push(reply);
    return state;
  },
};

function roundsOf({ rounds }: AgreeSpec): number {
  return typeof rounds === 'number' && rounds >= 0 ? Math.min(MOST_ROUNDS, rounds) : DEFAULT_ROUNDS;
}

/** The lead is a share of all the weight there is, so that rounds can be compared. */
function tally(held: readonly Reply[], panel: Panel): { verdict: Verdict; lead: number } {
  const verdict = count(held, (reply) => worthOf(confidenceOf(reply.output)), panel.members);
  const sum = verdict.votes.reduce((all, vote) => all + vote.weight, 0);
  return { verdict, lead: sum === 0 ? 0 : verdict.margin / sum };
}

/** One answer speaks for all that are equal to it; how many hold it is said, not who. */
function reviseAsks(panel: Panel, camps: ReadonlyMap<number, Reply[]>, round: number): Ask[] {
  const about = [...camps.values()].map(([first]) => first!.ask);
  const holders = [...camps.values()].map((held) => held.length);
  return panel.members.map(({ agent }) => ({ agent, kind: 'revise', about, say: { round: round + 1, holders } }));
}
