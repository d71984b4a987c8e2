/** Pairs judged by recorded judges, through the protocol `ranked`: two answers, every judge, both orders. */
import { deliberate, ranked } from '../../src/flow/index.ts';
import { figuresOf, foldChecked, type Member, newTrust } from '../../src/model/index.ts';
import { percent, shuffled, type Spread, spreadOf } from './draw.ts';
import type { Pair } from './files.ts';

export interface VerdictFigures {
  majority: number;
  bestJudge: number;
  ours: number;
  spread: number;
  golden: number;
  /** Pairs without a verdict, in percent; each counts half. */
  ties: number;
}

const SKILL = 'judge';

/** The camp a judge's two verdicts speak for; -1 where the order decided. */
function net([given, swapped]: [string, string]): number {
  const sum = (given === '1' ? 1 : 0) + (swapped === '1' ? 1 : 0) - (given === '2' ? 1 : 0) - (swapped === '2' ? 1 : 0);
  return sum > 0 ? 0 : sum < 0 ? 1 : -1;
}

function share(said: number, pair: Pair): number {
  return said < 0 ? 0.5 : said === pair.gold - 1 ? 1 : 0;
}

export function verdictFigures(pairs: readonly Pair[], golden: number, draws: number, seed: string): VerdictFigures {
  const judges = [...new Set(pairs.flatMap((pair) => Object.keys(pair.verdicts)))];
  const ours: number[] = [];
  let ties = 0;
  let tests = 0;
  for (let draw = 0; draw < draws; draw++) {
    const order = shuffled(pairs, `${seed}-${draw}`);
    const trust = newTrust();
    for (const pair of order.slice(0, golden)) {
      const said = Object.fromEntries(judges.map((judge) => [judge, net(pair.verdicts[judge] ?? ['-', '-'])]));
      foldChecked(trust, { skill: SKILL, said, right: pair.gold - 1, options: 2, source: 'golden' });
    }
    const figures = figuresOf(trust, SKILL);
    const bench = judges.map((agent): Member => ({ agent, trust: figures.get(agent) }));
    const test = order.slice(golden);
    let sum = 0;
    for (const pair of test) {
      const chosen = judged(pair, bench);
      if (chosen === undefined) ties++;
      tests++;
      sum += chosen === undefined ? 0.5 : chosen === pair.gold ? 1 : 0;
    }
    ours.push(sum / test.length);
  }
  const majority = pairs.map((pair) => {
    const sum = judges.reduce((all, judge) => all + [1, -1, 0].at(net(pair.verdicts[judge] ?? ['-', '-']))!, 0);
    return share(sum > 0 ? 0 : sum < 0 ? 1 : -1, pair);
  });
  const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;
  const single = judges.map((judge) => mean(pairs.map((pair) => share(net(pair.verdicts[judge] ?? ['-', '-']), pair))));
  const all: Spread = spreadOf(ours);
  return {
    majority: percent(mean(majority)),
    bestJudge: percent(Math.max(...single)),
    ours: percent(all.mean),
    spread: percent(all.spread),
    golden,
    ties: percent(ties / tests),
  };
}

/** Which of the two the protocol chooses; none = no verdict. */
function judged(pair: Pair, judges: readonly Member[]): number | undefined {
  const panel = { members: [{ agent: 'one' }, { agent: 'two' }], judges, equal: { by: 'exact' } as const };
  const talk = deliberate(ranked, { by: 'ranked', gate: false }, panel, (_, ask) => {
    if (ask.kind === 'answer') return { output: ask.agent === 'one' ? 1 : 2 };
    // Verdicts are in the original numbering; the judge says which of those shown is better.
    const swapped = ask.about![0] === 1;
    const won = (pair.verdicts[ask.agent] ?? ['-', '-'])[swapped ? 1 : 0];
    if (won !== '1' && won !== '2') return { lost: 'nothing could be read' };
    return { output: { winner: (won === '1') === !swapped ? 'a' : 'b' } };
  });
  if (talk.end?.move !== 'verdict') return undefined;
  return talk.replies.find((reply) => reply.ask === talk.end!.verdict.chosen)?.output as number | undefined;
}
