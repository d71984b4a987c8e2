/** `skein lab swarm` */
import { Command, InvalidArgumentError, Option } from 'commander';
import { Fault } from '../../base/index.ts';
import { type Protocol, protocolNamed, protocolNames } from '../../flow/index.ts';
import { addLabProtocols, inputsOf } from '../protocols/index.ts';
import { adversariesFor, type AttackName, attacks, createAdversaries } from './attacks.ts';
import { type Beside, beside } from './beside.ts';
import { type Figures, questionsOf, work } from './campaign.ts';
import { collisions, populate, type PopulationName, populations } from './populations.ts';
import { type Programs, runPrograms } from './programs.ts';
import { optionOf } from './voice.ts';

interface Given {
  protocol: string;
  population: PopulationName;
  attack: AttackName | 'none' | 'all';
  shares: number[];
  items: number;
  golden: number;
  seed: string;
  least?: number;
  json?: boolean;
}

export interface Row extends Figures {
  protocol: string;
  attack: string;
  share: number;
  adversaries: number;
  beside: Beside;
}

export interface SwarmReport {
  seed: string;
  population: string;
  agents: number;
  items: number;
  golden: number;
  /** Of pairs of honest answers that are both wrong, how many are the same. */
  collide: number;
  rows: Row[];
  skipped: { protocol: string; why: string }[];
}

/** Those that give up more would be a campaign of adversaries, not a swarm. */
const MOST_SHARE = 0.8;
const SHARES = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6];

const say = (line: string): void => void process.stdout.write(`${line}\n`);

export function swarmCommand(): Command {
  addLabProtocols();
  return new Command('swarm')
    .description(
      'put protocols of agreement to simulated populations and their adversaries; measure them beside others',
    )
    .addOption(new Option('--protocol <name>', 'or all').choices(['all', ...protocolNames()]).default('all'))
    .addOption(new Option('--population <name>', 'who answers').choices(Object.keys(populations)).default('mixed'))
    .addOption(
      new Option('--attack <name>', 'who else answers')
        .choices(['none', 'all', ...Object.keys(attacks)])
        .default('none'),
    )
    .option('--shares <list>', 'adversaries, as shares of all identities', sharesOf, SHARES)
    .option('--items <n>', 'real questions', whole, 300)
    .option(
      '--golden <n>',
      'golden questions before them; one in ten of the others is golden too; 0 = none',
      natural,
      60,
    )
    .option('--seed <text>', 'the same seed, the same figures', '1')
    .option('--least <share>', 'exit with 1 where a protocol is right less often', share)
    .option('--json', 'the last line is one object')
    .action(async ({ json, least, ...given }: Given) => {
      const report = await swarm(given, (row) => say(lineOf(row)));
      if (json === true) say(JSON.stringify(report));
      if (report.rows.some(({ accuracy }) => accuracy < (least ?? 0))) process.exitCode = 1;
    });
}

export async function swarm(given: Omit<Given, 'json' | 'least'>, tell: (row: Row) => void = () => {}) {
  const { seed, population, items, golden } = given;
  const { voices } = populate(population, seed);
  const asked = questionsOf({ seed, voices, golden, items });
  const collide = collisions(
    asked.map(({ q, season }) => voices.map((voice) => optionOf(voice.answer(q, season, 0)))),
    asked.map(({ q }) => q.right),
  );
  const { ready, skipped } = await protocolsFor(given.protocol);
  const rows: Row[] = [];
  for (const { attack, share } of fights(given)) {
    const adversaries = attack === 'none' ? 0 : adversariesFor(share, voices.length);
    const evil = attack === 'none' ? [] : createAdversaries(attack, adversaries, voices, seed);
    const all = { seed, voices: [...voices, ...evil], golden, items };
    const others = rounded({ ...beside(all) });
    for (const { protocol, programs } of ready) {
      const spec = programs === undefined ? {} : { judge: 'run-program' };
      const figures = rounded(work(protocol, spec, all, programs));
      const row: Row = { protocol: protocol.name, attack, share, adversaries, ...figures, beside: others };
      rows.push(row);
      tell(row);
    }
  }
  for (const { protocol, why } of skipped) say(`${protocol} is left out: ${why}`);
  const report: SwarmReport = {
    seed,
    population,
    agents: voices.length,
    items,
    golden,
    collide: round(collide),
    rows,
    skipped,
  };
  return report;
}

function fights({ attack, shares }: Pick<Given, 'attack' | 'shares'>) {
  if (attack === 'none') return [{ attack, share: 0 }];
  const names = attack === 'all' ? (Object.keys(attacks) as AttackName[]) : [attack];
  return names.flatMap((name) => shares.map((share) => ({ attack: name, share })));
}

/** One that is asked for by name and cannot be run is a fault; among all it is left out, and that is said. */
async function protocolsFor(name: string) {
  const ready: { protocol: Protocol; programs?: Programs }[] = [];
  const skipped: SwarmReport['skipped'] = [];
  for (const one of name === 'all' ? protocolNames() : [name]) {
    const protocol = protocolNamed(one);
    if (protocol === undefined) throw new Fault('input.invalid', `there is no protocol '${one}'`);
    if (one !== 'functional') ready.push({ protocol });
    else
      try {
        ready.push({ protocol, programs: await runPrograms(inputsOf({ by: one })) });
      } catch (thrown) {
        if (name !== 'all' || !(thrown instanceof Fault)) throw thrown;
        skipped.push({ protocol: one, why: thrown.message });
      }
  }
  return { ready, skipped };
}

function lineOf({ protocol, attack, share, adversaries, beside: others, ...row }: Row): string {
  const p = (value: number): string => (100 * value).toFixed(1).padStart(5);
  const against = attack === 'none' ? '' : ` ${attack} ${(100 * share).toFixed(0)}% (${adversaries})`;
  return (
    `${protocol.padEnd(10)}${against}: right ${p(row.accuracy)}, verdicts ${p(row.verdicts)}, ` +
    `calibration error ${row.ece === null ? '  -  ' : p(row.ece)}, ${row.answers.toFixed(1)} answers and ` +
    `${row.judgements.toFixed(1)} judgements each | random ${p(others.random)} majority ${p(others.majority)} ` +
    `plurality ${p(others.plurality)} ` +
    `chosen ${p(others.chosen)} single ${p(others.single)} oracle ${p(others.oracle)}`
  );
}

function rounded<T extends object>(figures: T): T {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [
      name,
      typeof value === 'number' ? round(value) : (value as unknown),
    ]),
  ) as T;
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

function natural(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('a whole number');
  return value;
}

function whole(text: string): number {
  const value = natural(text);
  if (value === 0) throw new InvalidArgumentError('at least 1');
  return value;
}

function share(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1)) throw new InvalidArgumentError('a share: 0 to 1');
  return value;
}

function sharesOf(text: string): number[] {
  const shares = text.split(',').map(share);
  if (shares.some((one) => one > MOST_SHARE)) throw new InvalidArgumentError(`shares of at most ${MOST_SHARE}`);
  return shares;
}
