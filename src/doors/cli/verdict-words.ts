/** A verdict as a person reads it: what was chosen and how surely, who said what, and what is against it. */
import type { ToldVerdict, ToldVote } from '../../site/verdicts.ts';
import { amountsText, brief, counted, type Paint, plain, span, table } from './paint.ts';

export function verdictWords(told: readonly ToldVerdict[], paint: Paint, columns: number): string[] {
  return told.flatMap((verdict) => {
    const rows = verdict.votes.map((vote) => [...voteCells(vote, paint), brief(vote.answer ?? vote.why, columns)]);
    return [
      paint('dim', 'verdict'),
      `  ${headOf(verdict)}`,
      ...table(rows, columns),
      ...factsOf(verdict, columns).map((line) => `  ${line}`),
    ];
  });
}

function headOf({ chosen, by, equal, belief, margin, why }: ToldVerdict): string {
  const how = [
    by === undefined ? '' : `by ${plain(by)}`,
    equal === undefined ? '' : `answers equal by ${plain(equal)}`,
    `margin ${round(margin)}`,
    chosen === undefined || belief === undefined ? '' : `believed right ${beliefText(belief)}`,
  ].filter((text) => text !== '');
  const head = `${chosen === undefined ? 'none' : `what ${plain(chosen.agent)} said`}: ${how.join(', ')}`;
  return why === undefined ? head : `${head}; ${plain(why)}`;
}

function voteCells({ agent, answer, for: isFor, weight, why, record }: ToldVote, paint: Paint): string[] {
  const isVote = answer !== undefined && (weight !== 0 || why === undefined);
  const sign = isFor ? paint('green', '✓') : isVote ? ' ' : paint('red', '✗');
  const known = record === undefined ? '' : `right ${record.p.toFixed(2)} of ${Math.round(record.n)} checked`;
  const note = [known, why === undefined || answer === undefined ? '' : plain(why)].filter((text) => text !== '');
  return [`  ${sign} ${plain(agent)}`, isVote ? weight.toFixed(2) : 'no vote', paint('dim', note.join(', '))];
}

function factsOf({ dissent, single, asked, spent, tookMs, chosen }: ToldVerdict, columns: number): string[] {
  const lines = dissent.map(
    ({ answer, votes, weight }) =>
      `${chosen === undefined ? 'held' : 'against it'}: ${brief(answer, columns / 2)} (${counted(votes, 'vote')}, weight ${round(weight)})`,
  );
  if (single !== undefined) {
    const { agent, answer, n, same } = single;
    const said =
      n === undefined ? 'gave no answer here' : same === true ? 'said the same' : `said ${brief(answer, columns / 2)}`;
    lines.push(`asked alone, ${plain(agent)} would have been believed: it ${said}`);
  }
  const cost = [
    asked === undefined ? '' : counted(asked.answers, 'answer'),
    asked === undefined || asked.judgements === 0 ? '' : counted(asked.judgements, 'judgement'),
    amountsText(spent),
    span(tookMs),
  ];
  lines.push(`cost: ${cost.filter((text) => text !== '').join(', ')}`);
  return lines;
}

/** Nothing is sure, however the figure is rounded. */
export function beliefText(belief: number): string {
  return belief > 0.995 && belief < 1 ? '> 0.99' : belief.toFixed(2);
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
