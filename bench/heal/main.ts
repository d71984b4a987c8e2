/**
 * `npm run bench -- heal`: does a run find its way on when things fail? Every scenario is run by the real site
 * (memory store, a clock that jumps), and judged by an oracle that shares no code with the ladder; beside it the
 * published router, made again. Costs are those of the scenarios; nothing here measures real agents.
 */
import { parseArgs } from 'node:util';
import { errorText } from '../../src/base/index.ts';
import { KINDS, randomGraph, variant } from './generate.ts';
import type { Scenario } from './graph.ts';
import { judge } from './judge.ts';
import { play, type Played } from './play.ts';
import { readScenarios } from './read.ts';
import { replanMs } from './replan.ts';
import { emptyTally, rowOf, type Tally, tell, take } from './tally.ts';
import { listed } from './scenarios.ts';

export const about = 'ways on after failures: 19 scenarios, hard variants, random graphs, replanning times';

export const usage = `npm run bench -- heal [flags]
  --scenarios FILE  only these (docs/healing.md tells their shape)
  --each N          variants of each kind (100)
  --graphs N        random graphs (10000)
  --seed N          of the variants and graphs (1)
  --json            the last line of the output is one object`;

/** Asked wrongly, or for scenarios that are none. */
const REFUSED = 2;

export async function run(flags: string[]): Promise<number> {
  let given: Given;
  let own: Scenario[] | undefined;
  try {
    given = wordsIn(flags);
    own = given.scenarios === undefined ? undefined : readScenarios(given.scenarios);
  } catch (thrown) {
    process.stderr.write(`${(thrown as Error).message}\n\n${usage}\n`);
    return REFUSED;
  }
  const { json, each, graphs, seed } = given;
  const say = (line: string): void => void (json ? process.stderr : process.stdout).write(`${line}\n`);
  const breaches: string[] = [];
  if (own !== undefined) {
    const tally = await playAll(own, breaches, say);
    say(tell('given', tally));
    const report = { scenarios: rowOf(tally), breaches };
    if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
    return breaches.length === 0 ? 0 : 1;
  }
  say('beside each figure of ours the one of the published router, made again (in brackets)');
  const listedTally = emptyTally();
  for (const known of [true, false]) {
    const tally = await playAll(listed(known), breaches, say, listedTally);
    say(tell(known ? 'the 19, failures known before' : 'the 19, failures found out', tally));
  }
  const variants: Record<string, ReturnType<typeof rowOf>> = {};
  for (const kind of KINDS) {
    const scenarios = Array.from({ length: each }, (_, i) => variant(kind, seed * 1_000_000 + i));
    const tally = await playAll(scenarios, breaches, say);
    variants[kind] = rowOf(tally);
    say(tell(kind, tally));
  }
  const random = emptyTally();
  for (let i = 0; i < graphs; i++) await playOne(randomGraph(seed * 1_000_000 + i), i, breaches, say, random);
  say(tell('random graphs', random));
  const [n200, n5000] = [replanMs(200), replanMs(5_000)];
  say(
    `replanning, the whole turn: 200 nodes ${ms(n200.median)} (worst ${ms(n200.worst)}), 5,000 nodes ${ms(n5000.median)} (worst ${ms(n5000.worst)})`,
  );
  const { ours } = listedTally;
  const report = {
    scenarios: {
      total: listedTally.total,
      right: listedTally.right,
      modelCalls: ours.modelCalls,
      silent: ours.silent,
      duplicateEffects: ours.duplicateEffects,
    },
    variants,
    random: rowOf(random),
    replanMs: { n200: n200.median, n5000: n5000.median },
    breaches,
  };
  if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
  return breaches.length === 0 ? 0 : 1;
}

interface Given {
  json: boolean;
  scenarios?: string;
  each: number;
  graphs: number;
  seed: number;
}

function wordsIn(flags: string[]): Given {
  const { values } = parseArgs({
    args: flags,
    options: {
      json: { type: 'boolean', default: false },
      scenarios: { type: 'string' },
      each: { type: 'string', default: '100' },
      graphs: { type: 'string', default: '10000' },
      seed: { type: 'string', default: '1' },
    },
  });
  const whole = (name: 'each' | 'graphs' | 'seed'): number => {
    const n = Number(values[name]);
    if (!Number.isSafeInteger(n) || n < 0) throw new Error(`--${name} '${values[name]}' is no whole number`);
    return n;
  };
  return { ...values, each: whole('each'), graphs: whole('graphs'), seed: whole('seed') };
}

async function playAll(
  scenarios: readonly Scenario[],
  breaches: string[],
  say: (line: string) => void,
  also?: Tally,
): Promise<Tally> {
  const tally = emptyTally();
  for (const [i, scenario] of scenarios.entries()) await playOne(scenario, i, breaches, say, tally, also);
  return tally;
}

async function playOne(
  scenario: Scenario,
  seed: number,
  breaches: string[],
  say: (line: string) => void,
  ...tallies: (Tally | undefined)[]
): Promise<void> {
  let played: Played;
  try {
    played = await play(scenario, seed);
  } catch (thrown) {
    // One that no plan can be made of is named, and the others go on.
    breaches.push(`${scenario.name}: it could not be played: ${errorText(thrown)}`);
    say(`BREACH ${breaches.at(-1)}`);
    for (const tally of tallies) if (tally !== undefined) tally.total++;
    return;
  }
  const judged = judge(scenario, played);
  const wrongs = [...judged.wrongs, ...against(scenario, played)];
  for (const tally of tallies) if (tally !== undefined) take(tally, scenario, judged, wrongs.length === 0);
  // The seed is in the name: the same name is the same scenario.
  for (const wrong of wrongs) {
    breaches.push(`${scenario.name}: ${wrong}`);
    if (breaches.length <= MOST_TOLD) say(`BREACH ${scenario.name}: ${wrong}`);
  }
}

const MOST_TOLD = 20;

/** What the scenario itself says must come out. */
function against(scenario: Scenario, played: Played): string[] {
  const { expect } = scenario;
  if (expect === undefined) return [];
  const wrongs: string[] = [];
  if (played.outcome !== expect.outcome) wrongs.push(`it was ${played.outcome}, not ${expect.outcome}`);
  if (expect.cost !== undefined && Math.abs(played.cost - expect.cost) > 1e-6)
    wrongs.push(`it cost ${played.cost}, not ${expect.cost}`);
  const cut = [...new Set(played.cut.map((member) => member.agent))].sort();
  if (expect.cut !== undefined && cut.join() !== [...expect.cut].sort().join())
    wrongs.push(`the cut set is ${cut.join('+')}, not ${expect.cut.join('+')}`);
  return wrongs;
}

function ms(value: number): string {
  return `${value.toFixed(2)} ms`;
}
