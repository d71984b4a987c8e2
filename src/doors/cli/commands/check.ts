/** `skein check` */
import { readFileSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import type { Command } from 'commander';
import { type Finding, findingText, type Known, needsOf, readPlanText } from '../../../author/index.ts';
import { Fault, toFault } from '../../../base/index.ts';
import { protocolShapes } from '../../../model/index.ts';
import { loadParts, loadWorkflows, type Parts } from '../../../site/config/index.ts';
import { addCommand } from '../command.ts';
import type { Door, SiteWords } from '../door.ts';
import { EXITS } from '../exits.ts';
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
  }).action(async (files: string[], given: SiteWords) => {
    const settings = await door.settings(given);
    const parts = await loadParts(settings.config, settings.folder);
    const known = knownOf(parts);
    const named = settings.config.workflows.filter((one) => typeof one === 'string');
    const paths = files.length > 0 ? files : named.map((path) => resolve(settings.folder, path));
    const results: { file: string; findings: Finding[] }[] = [];
    for (const path of paths) results.push({ file: path, ...(await checkFile(door, path, known)) });
    const wrong = results.reduce((sum, { findings }) => sum + findings.length, 0);
    const summary = {
      workflows: parts.workflows.map(needsOf),
      agents: parts.agents.length + parts.declared.length,
      wrong,
      files: results,
    };
    door.tell(summary, () => {
      const lines = results.flatMap(({ file, findings }) =>
        findings.map((finding) => plain(findingText(finding, file))),
      );
      if (wrong > 0) return [...lines, counted(wrong, 'mistake')];
      const what = `${counted(files.length > 0 ? results.length : parts.workflows.length, 'workflow')}, ${counted(summary.agents, 'agent')}`;
      return `${door.paint('green', '✓')} ${what}${settings.file === undefined ? ' (no configuration here)' : ''}`;
    });
    if (wrong > 0) door.exitCode = EXITS.no;
  });
}

async function checkFile(door: Door, path: string, known: Known): Promise<{ findings: Finding[] }> {
  const file = resolve(door.terminal.folder, path);
  if (!['.yaml', '.yml', '.json'].includes(extname(file))) {
    await loadWorkflows(file);
    return { findings: [] };
  }
  try {
    return { findings: readPlanText(readFileSync(file, 'utf8'), known).findings };
  } catch (thrown) {
    throw new Fault('not-found', `${path} cannot be read: ${toFault(thrown, 'not-found').message}`);
  }
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
  known.skills = Object.fromEntries(all.flatMap(({ skills }) => skills.map(({ name, effect }) => [name, { effect }])));
  known.agents = all.map(({ name, skills: has }) => ({ name, skills: has.map((skill) => skill.name) }));
  return known;
}
