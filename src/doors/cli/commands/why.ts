/** `skein why` */
import type { Command } from 'commander';
import { Fault } from '../../../base/index.ts';
import type { Site } from '../../../site/face.ts';
import { explainChoice, type Explained, type ExplainedTry } from '../../../site/route/explain.ts';
import { tellVerdicts } from '../../../site/verdicts.ts';
import { addCommand } from '../command.ts';
import type { Door, SiteWords } from '../door.ts';
import { plain } from '../paint.ts';
import { stepsOf } from '../reading.ts';
import { mustBeThere, noSuchStep } from '../there.ts';
import { verdictWords } from '../verdict-words.ts';
import { wayWords } from '../way-words.ts';

/** Candidates shown of each try; the JSON has all. */
const SHOWN = 5;

export function registerWhy(program: Command, door: Door): void {
  addCommand(program, {
    name: 'why <run> <step>',
    brief: 'why a step was given to its agents',
    does: 'say why a step was given to the agents it was given to, and what their answers became, from the journal alone',
    examples: [['why r_0mwp summary', 'shows each try with who else could have been asked, and their figures']],
  }).action((run: string, step: string, given: SiteWords) =>
    door.withStore(given, async (store) => {
      await mustBeThere(store, run);
      const explained = await explainOr(store, run, step);
      const verdicts = await tellVerdicts(store, run, explained.step);
      door.tell({ ...explained, verdicts }, () => [
        ...whyWords(explained),
        ...verdictWords(verdicts, door.paint, door.terminal.columns()),
      ]);
    }),
  );
}

async function explainOr(store: Site['store'], run: string, step: string): Promise<Explained> {
  try {
    return await explainChoice(store, run, step);
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== 'not-found') throw thrown;
    throw noSuchStep(run, step, await stepsOf(store, run));
  }
}

export function whyWords({ run, step, skill, prefer, out, fault, tries, ways = [] }: Explained): string[] {
  const preferred =
    prefer === undefined ? '' : `, prefers ${typeof prefer === 'string' ? prefer : JSON.stringify(prefer)}`;
  const needs = skill === '' ? 'one of its ways' : `'${plain(skill)}'`;
  const head = `${plain(step)} of ${run} needs ${needs}${preferred}${out === undefined ? '' : `: ${out}`}`;
  const why = fault === undefined ? '' : `: ${plain(fault.message)}`;
  if (tries.length === 0 && ways.length === 0) return [head, `  no agent was asked for it${why}`];
  const end = fault === undefined || ways.length === 0 ? [] : [`  ended${why}`];
  return [head, ...ways.flatMap(wayWords), ...tries.flatMap(tryWords), ...end];
}

function tryWords(one: ExplainedTry): string[] {
  const { chosen, ranked, cut, refused } = one;
  const end =
    one.end === undefined
      ? 'no answer yet'
      : `${one.end} after ${one.tookMs} ms${one.fault === undefined ? '' : ` (${one.fault.code})`}`;
  const lines = [`  ${one.n}. ${plain(one.agent)}: ${because(one)}; ${end}`];
  if (chosen !== undefined) for (const candidate of ranked.slice(0, SHOWN)) lines.push(`       ${figures(candidate)}`);
  if (ranked.length > SHOWN && chosen !== undefined) lines.push(`       and ${ranked.length - SHOWN} more`);
  for (const { agent, why } of cut.slice(0, SHOWN)) lines.push(`       not ${plain(agent)}: ${plain(why)}`);
  const gates = Object.entries(refused).filter(([why]) => !cut.some((c) => c.why === why));
  if (gates.length > 0) lines.push(`       refused: ${gates.map(([why, n]) => `${n} ${plain(why)}`).join(', ')}`);
  if (one.signals !== undefined) lines.push(`       signals: ${one.signals.map(plain).join(', ')}`);
  return lines;
}

function because({ agent, why, chosen, ranked, panel, exploring, asked }: ExplainedTry): string {
  if (asked !== undefined) return `${why}, to ${asked}`;
  const after = why === undefined ? '' : `${why}, `;
  if (chosen === undefined) return why ?? (ranked.length === 1 ? 'nobody else could' : 'first by price and name');
  if (chosen.remembered !== undefined)
    return `${after}healed such a failure before (${chosen.remembered.toFixed(2)}), of ${chosen.of}`;
  const ruled = chosen.by === 'rule' ? `by the rule '${plain(chosen.rule ?? '')}'` : undefined;
  const tried = Math.round(ranked.find((one) => one.agent === agent)?.tries ?? 0);
  const learning = tried === 0 ? 'exploring, it was never tried' : 'exploring, to learn more of it';
  const member = panel === undefined ? undefined : `one of a panel of ${panel}`;
  const how = exploring === true ? learning : (ruled ?? member ?? 'believed best');
  return `${after}${how}, of ${chosen.of}, score ${chosen.score}${exploring === true ? ' with what may be learned' : ''}`;
}

function figures({
  agent,
  score,
  quality,
  unsure,
  tries,
  money,
  price,
  p50Ms,
  load,
  near,
}: ExplainedTry['ranked'][number]): string {
  const parts = [`${plain(agent).padEnd(20)} ${(score ?? 0).toFixed(3)}`];
  if (quality !== undefined)
    parts.push(`quality ${quality.toFixed(2)} ± ${(unsure ?? 0).toFixed(2)} from ${Math.round(tries ?? 0)} tries`);
  const cost = money ?? price?.money;
  if (cost !== undefined) parts.push(`cost ${cost}`);
  if (p50Ms !== undefined) parts.push(`p50 ${p50Ms} ms`);
  if (load !== undefined) parts.push(`${load} calls out`);
  if (near !== undefined) parts.push(`near ${near.toFixed(2)}`);
  return parts.join('  ');
}
