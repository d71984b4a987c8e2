/** Workflows, agents and functions that a configuration names by path. */
import { existsSync, readFileSync } from 'node:fs';
import { extname, relative, resolve } from 'node:path';
import { Fault, toFault } from '../../base/index.ts';
import { type AnyWorkflow, needsOf, parsePlan, planWorkflow } from '../../author/index.ts';
import {
  type Agent,
  type AgentDeclaration,
  openAgents,
  type PushDesk,
  readAgentDeclaration,
} from '../../ports/agent/index.ts';
import { realClock } from '../clock.ts';
import type { Environment } from './environment.ts';
import { importFile } from './file.ts';
import { type CheckedConfig, isAgent, isDeclared, isWorkflow } from './schema.ts';

type LocalFunction = (input: never) => unknown;

export interface Parts {
  workflows: AnyWorkflow[];
  agents: Agent[];
  /** Those that are only declared: a model, a server, a process. */
  declared: AgentDeclaration[];
  functions: Record<string, LocalFunction>;
  /** What tokens cost. */
  prices: CheckedConfig['prices'];
}

/** Loads what is there and reads what is declared; opens nobody. */
export function loadParts(config: CheckedConfig, folder: string): Promise<Parts> {
  return collect(config, folder, (fault) => {
    throw fault;
  });
}

/** For whoever looks for all mistakes at once: what cannot be loaded is left out, and said. */
export async function surveyParts(config: CheckedConfig, folder: string): Promise<{ parts: Parts; faults: Fault[] }> {
  const faults: Fault[] = [];
  return { parts: await collect(config, folder, (fault) => faults.push(fault)), faults };
}

async function collect(config: CheckedConfig, folder: string, onFault: (fault: Fault) => void): Promise<Parts> {
  async function part<T>(load: () => T | Promise<T>, without: T): Promise<T> {
    try {
      return await load();
    } catch (thrown) {
      onFault(toFault(thrown, 'internal'));
      return without;
    }
  }

  const workflows: AnyWorkflow[] = [];
  for (const given of config.workflows) {
    const found = typeof given === 'string' ? await part(() => loadWorkflows(resolve(folder, given)), []) : [given];
    for (const flow of found) {
      if (workflows.some((other) => other !== flow && needsOf(other) === needsOf(flow)))
        onFault(new Fault('input.invalid', `two workflows are named '${needsOf(flow)}': give one another version`));
      workflows.push(limited(flow, config));
    }
  }
  const given: (Agent | AgentDeclaration)[] = [];
  for (const one of config.agents)
    given.push(...(typeof one === 'string' ? await part(() => loadAgents(resolve(folder, one)), []) : [one]));
  const agents = given.filter(isAgent);
  const declared: AgentDeclaration[] = [];
  for (const one of given) if (!isAgent(one)) declared.push(...(await part(() => [readAgentDeclaration(one)], [])));
  const functions = await part(() => loadFunctions(config.functions, folder), {});
  return { workflows, agents, declared, functions, prices: config.prices };
}

/** All agents, those declared among them opened: whoever calls this closes them. */
export async function openParts(
  { agents, declared, prices }: Parts,
  folder: string,
  { env = process.env, pushes }: { env?: Environment; pushes?: PushDesk } = {},
): Promise<Agent[]> {
  return [...agents, ...(await openAgents(declared, { env, clock: realClock, folder, prices, pushes }))];
}

/** Every workflow that a file holds: a plan as YAML or JSON, or what a module exports. */
export async function loadWorkflows(file: string): Promise<AnyWorkflow[]> {
  mustExist(file);
  if (['.yaml', '.yml', '.json'].includes(extname(file)))
    return [planWorkflow(parsePlan(readFileSync(file, 'utf8'), { file: shown(file) }))];
  return exportsOf(file, isWorkflow, 'workflow');
}

async function loadAgents(file: string): Promise<(Agent | AgentDeclaration)[]> {
  mustExist(file);
  return exportsOf(file, (value) => isAgent(value) || isDeclared(value), 'agent');
}

async function loadFunctions(given: CheckedConfig['functions'], folder: string): Promise<Parts['functions']> {
  if (typeof given !== 'string') return given;
  const file = resolve(folder, given);
  mustExist(file);
  const found = Object.entries(await importFile(file)).filter(([, value]) => typeof value === 'function');
  return Object.fromEntries(found) as Record<string, LocalFunction>;
}

async function exportsOf<T>(
  file: string,
  isOne: (value: unknown) => value is T,
  what: 'workflow' | 'agent',
): Promise<T[]> {
  const all = Object.values(await importFile(file)).flatMap((value: unknown) =>
    Array.isArray(value) ? value : [value],
  );
  // A default export is often a named one too.
  const found = [...new Set(all.filter(isOne))];
  if (found.length === 0)
    throw new Fault('input.invalid', `${shown(file)} exports no ${what}`, { detail: { next: HOW_EXPORTED[what] } });
  return found;
}

/** The limits of the site hold where the workflow names none. */
function limited(flow: AnyWorkflow, { limits }: CheckedConfig): AnyWorkflow {
  const { budget = limits.budget, deadlineMs = limits.deadlineMs } = flow;
  return budget === flow.budget && deadlineMs === flow.deadlineMs ? flow : { ...flow, budget, deadlineMs };
}

function mustExist(file: string): void {
  if (!existsSync(file))
    throw new Fault('not-found', `there is no file ${shown(file)}`, {
      detail: { next: 'Mend the path; paths in a configuration are seen from its folder.' },
    });
}

const HOW_EXPORTED: Record<'workflow' | 'agent', string> = {
  workflow: "Export one: export const brief = workflow('brief', async (run, input) => ...)",
  agent: "Export one: export const agents = [functionAgent('ada', { skills: { ... } })]",
};

/** The shorter of the path as it is and as seen from here. */
function shown(file: string): string {
  const near = relative(process.cwd(), file);
  return near.length < file.length ? near : file;
}
