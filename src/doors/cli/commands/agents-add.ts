/** `skein agents add` */
import type { Command } from 'commander';
import { Fault, type Json } from '../../../base/index.ts';
import { declareAgent } from '../../../site/registry/index.ts';
import { addCommand } from '../command.ts';
import type { Door, SiteWords } from '../door.ts';
import { readGivenJson } from '../given-json.ts';
import { withSaying } from '../kept-agents.ts';
import { type ByWords, principalOf, withBy } from '../principal.ts';

interface Given extends SiteWords, ByWords {
  llm?: string;
  mcp?: string;
  a2a?: string;
  process?: string;
  from?: string;
  skill?: string[];
  effect?: string;
  baseUrl?: string;
  tool?: string[];
  instructions?: string;
}

const many = (value: string, before: string[] = []): string[] => [...before, value];

export function registerAgentsAdd(agents: Command, door: Door): void {
  const made = addCommand(agents, {
    name: 'add <name>',
    does: 'declare an agent; it is kept in the store, and a site that runs takes it up',
    examples: [
      ['agents add writer --llm ollama/llama3.2 --skill write', 'a model; its key is in the environment'],
      ['agents add adder --process "node adder.js" --skill add --effect pure', 'a command that speaks JSON lines'],
      ['agents add files --mcp https://example.com/mcp', "an MCP server's tools"],
      ['agents add peer --a2a https://example.com', 'an A2A agent'],
      ['agents add writer --from @writer.json', 'all that a declaration may say'],
    ],
  })
    .option('--llm <provider/model>', 'a model')
    .option('--mcp <url or command>', 'an MCP server')
    .option('--a2a <url>', 'an A2A agent')
    .option('--process <command>', 'a command')
    .option('--skill <name>', 'what it can do; may be said again', many)
    .option('--effect <class>', 'what its skills may change: pure, idempotent, reversible, irreversible')
    .option('--base-url <url>', 'llm: an OpenAI-compatible server')
    .option('--tool <skill>', 'llm: a skill of this site that it may call; may be said again', many)
    .option('--instructions <text>', 'llm: what it is told first')
    .option('--from <json>', 'the declaration: JSON, @file, or - for standard input');
  withBy(made).action((name: string, given: Given) =>
    withSaying(door, given, async (saying) => {
      const declaration = await declareAgent(saying, declarationOf(name, given, door), principalOf(given).id);
      door.tell({ added: declaration }, () => [
        `agent '${declaration.name}' is declared; a site on this store takes it up within a second or two`,
        `try it: skein agents test ${declaration.name}`,
      ]);
    }),
  );
}

function declarationOf(name: string, given: Given, door: Door): Record<string, Json | undefined> {
  const { skill = [], effect, llm, mcp, a2a, process, tool, instructions, baseUrl } = given;
  const from = given.from === undefined ? {} : readGivenJson(given.from, door.terminal, '--from');
  if (typeof from !== 'object' || from === null || Array.isArray(from))
    throw new Fault('input.invalid', '--from must be an object: { "llm": "provider/model", "skills": [...] }');
  const said: Record<string, Json | undefined> = {
    ...from,
    name,
    llm: llm ?? from['llm'],
    a2a: a2a ?? from['a2a'],
    process: process === undefined ? from['process'] : wordsOf(process),
    mcp: mcp === undefined ? from['mcp'] : mcpOf(mcp),
    skills: skill.length === 0 ? from['skills'] : skill.map((one) => skillOf(one, effect)),
    tools: tool ?? from['tools'],
    instructions: instructions ?? from['instructions'],
    baseUrl: baseUrl ?? from['baseUrl'],
  };
  // What is not said must not be there: the kind is the member that is.
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

function skillOf(name: string, effect: string | undefined): Json {
  return effect === undefined ? { name } : { name, effect };
}

function mcpOf(given: string): Json {
  return /^https?:/.test(given) ? { url: given } : { command: wordsOf(given) };
}

/** A command's words; quotes hold words together. No shell reads it. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain!,
  );
}
