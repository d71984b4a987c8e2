/** `skein check` */
import { readFileSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import type { Command } from 'commander';
import {
  type Finding,
  findingText,
  type Known,
  type KnownAgent,
  needsOf,
  readPlanText,
} from '../../../author/index.ts';
import { Fault, type FaultData, faultToData, toFault } from '../../../base/index.ts';
import {
  loadWorkflows,
  type Parts,
  readConfig,
  type Settings,
  strangersIn,
  surveyParts,
} from '../../../site/config/index.ts';
import { protocolShapes } from '../../../model/index.ts';
import { addCommand } from '../command.ts';
import type { Door, SiteWords } from '../door.ts';
import { EXITS } from '../exits.ts';
import { nextOf } from '../next.ts';
import { counted, plain } from '../paint.ts';

export function registerCheck(program: Command, door: Door): void {
  addCommand(program, {
    name: 'check [files...]',
    does: 'check the configuration and workflows: what is wrong, with its place, before anything runs',
    examples: [
      ['check', 'the configuration and all that it names'],
      ['check incident.yaml', 'a plan, against the agents and functions of the configuration'],
    ],
    exits: { [EXITS.done]: 'all is right', [EXITS.no]: 'something is wrong: every mistake is printed' },
  }).action((files: string[], given: SiteWords) => check(door, files, given));
}

interface Checked {
  file: string;
  findings: Finding[];
}

/** Whatever is wrong somewhere, the rest is looked at too. */
async function check(door: Door, files: readonly string[], given: SiteWords): Promise<void> {
  const faults: Fault[] = [];
  const settings = await readable(door, given, faults);
  const config = settings?.config;
  const isWhole = faults.length === 0;
  const folder = settings?.folder ?? door.terminal.folder;
  const survey = config && (await surveyParts(config, folder));
  const parts = survey?.parts ?? { workflows: [], agents: [], declared: [], functions: {}, prices: {} };
  const known = knownOf(parts);
  const named = (config?.workflows ?? []).filter((one) => typeof one === 'string').map((path) => resolve(folder, path));
  const paths = files.length > 0 ? files : named;
  const results: Checked[] = [];
  for (const path of paths) results.push(await checkFile(door, path, known, faults));
  // What is wrong inside of plans is told with its line; that a file cannot be loaded, once.
  const unread = (survey?.faults ?? []).filter(({ code }) => code !== 'plan.invalid');
  // Who is named may be one that could not be read.
  if (config !== undefined && isWhole && unread.length === 0) faults.push(...strangersIn(config, parts));
  faults.push(...unread);
  const told = [...new Map(faults.map((fault) => [fault.message, fault])).values()];
  const mistakes = told.map((fault): FaultData & { next: string } => ({
    ...faultToData(fault),
    next: nextOf(fault, door),
  }));
  const wrong =
    results.reduce((sum, { findings }) => sum + findings.length, 0) + told.reduce((n, f) => n + countOf(f), 0);
  const summary = {
    workflows: parts.workflows.map(needsOf),
    agents: parts.agents.length + parts.declared.length,
    wrong,
    files: results,
    mistakes,
  };
  door.tell(summary, () => {
    const lines = results.flatMap(({ file, findings }) => findings.map((finding) => plain(findingText(finding, file))));
    const others = mistakes.flatMap(({ message, next }) => `${message}\n  next: ${next}`.split('\n').map(plain));
    if (wrong > 0) return [...others, ...lines, counted(wrong, 'mistake')];
    const what = `${counted(files.length > 0 ? results.length : parts.workflows.length, 'workflow')}, ${counted(summary.agents, 'agent')}`;
    const where = settings?.file === undefined ? ' (no configuration here)' : '';
    return `${door.paint('green', '✓')} ${what}${where}`;
  });
  if (wrong > 0) door.exitCode = EXITS.no;
}

/** A configuration with mistakes is used without them; undefined: it cannot be read at all. */
async function readable(door: Door, { store, config }: SiteWords, faults: Fault[]): Promise<Settings | undefined> {
  const { folder, environment } = door.terminal;
  try {
    const { settings, mistakes } = await readConfig({ folder, file: config, store, environment });
    if (mistakes !== undefined) faults.push(mistakes);
    return settings;
  } catch (thrown) {
    faults.push(toFault(thrown, 'input.invalid'));
    return undefined;
  }
}

/** One fault tells of all mistakes of a configuration. */
function countOf({ detail }: Fault): number {
  return Number(detail?.['mistakes'] ?? 1);
}

async function checkFile(door: Door, path: string, known: Known, faults: Fault[]): Promise<Checked> {
  const file = resolve(door.terminal.folder, path);
  try {
    if (['.yaml', '.yml', '.json'].includes(extname(file)))
      return { file: path, findings: readPlanText(readFileSync(file, 'utf8'), known).findings };
    await loadWorkflows(file);
  } catch (thrown) {
    const isThere = thrown instanceof Fault;
    const next = 'Mend the path: it is seen from the working folder.';
    const message = `${path} cannot be read: ${toFault(thrown, 'not-found').message}`;
    faults.push(isThere ? thrown : new Fault('not-found', message, { detail: { next } }));
  }
  return { file: path, findings: [] };
}

/** What plans may name. Nothing of agents where none are configured: then it is not known who there will be. */
function knownOf({ agents, declared, functions, workflows }: Parts): Known {
  const known: Known = {
    workflows: Object.fromEntries(workflows.map(({ name }) => [name, {}])),
    protocols: protocolShapes(),
  };
  if (Object.keys(functions).length > 0) known.functions = Object.keys(functions);
  // Whoever is declared without skills tells them when it is opened.
  if (agents.length + declared.length === 0 || declared.some(({ skills }) => skills === undefined)) return known;
  const all = [...agents, ...declared.map(({ name, skills = [] }) => ({ name, skills }))];
  known.skills = Object.fromEntries(all.flatMap(({ skills }) => skills.map(({ name }) => [name, {}])));
  known.agents = all.flatMap(byEffect);
  return known;
}

/** An agent stands there once for every effect class of its skills: another's skill of that name may do more harm. */
function byEffect({ name, skills }: Named): KnownAgent[] {
  return [...Map.groupBy(skills, ({ effect }) => effect)].map(([effect, those]) => ({
    name,
    skills: those.map((skill) => skill.name),
    effect,
  }));
}

interface Named {
  name: string;
  skills: readonly { name: string; effect?: KnownAgent['effect'] }[];
}
