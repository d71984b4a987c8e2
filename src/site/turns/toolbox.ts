/**
 * The tools that a model is shown in a run of its turns: all that it may call, or a shelf of the few that fit.
 *
 * B1  What a shelf shows is the answer of a step. The run's code only puts it in order, so a replay needs no index.
 * B2  A model may look for others (`find_tools`), and one that it names without having been shown is fetched, if it may
 *     call it. What was called stays; of the rest those found first leave when the shelf is full.
 * B3  Names are a provider's, not ours: of two skills that would have one name the later gets another.
 */
import type { Run } from '../../author/index.ts';
import { Fault, type Json } from '../../base/index.ts';
import type { FoundTools, ToolCard, ToolsWanted } from '../../ports/agent/index.ts';
import { toolName } from '../../ports/agent/llm/answer.ts';

export interface BoxedTool extends ToolCard {
  /** As the model knows it. */
  name: string;
}

export interface ShelfTask {
  /** Who finds tools, and the skill for it. */
  agent: string;
  skill: string;
  /** What the first ones are to be good for. */
  text: string;
  show: number;
  pure?: boolean;
}

export interface Toolbox {
  told(): { name: string; description?: string; input?: Json }[];
  get(name: string): BoxedTool | undefined;
  /** It is about to be called. */
  called(tool: BoxedTool): void;
  /** Whether this is the tool that finds tools. */
  finds(name: string): boolean;
  find(run: Run, input: Json, key: string): Promise<Json>;
  /** Fetches those of these names that are not shown. */
  fetch(run: Run, names: readonly string[], key: string): Promise<void>;
}

export const FIND_TOOLS = 'find_tools';
/** A shelf holds so many times what is shown at first. */
const FULL = 4;
/** What is told of a tool that was found: its whole description comes with the next turn. */
const MAX_TOLD = 200;
/** Names that are looked for at one turn; a model that makes up more is guessing. */
const MAX_NAMES = 16;

/** All of them: nothing is looked for. */
export function boxOf(tools: readonly BoxedTool[]): Toolbox {
  return {
    told: () => tools.map(({ name, description, input }) => ({ name, description, input })),
    get: (name) => tools.find((one) => one.name === name),
    called() {},
    finds: () => false,
    find: () => Promise.reject(new Fault('not-found', 'nothing is to be found')),
    fetch: () => Promise.resolve(),
  };
}

export async function openShelf(run: Run, shelf: ShelfTask): Promise<Toolbox> {
  const shown: BoxedTool[] = [];
  const used = new Set<BoxedTool>();
  let of = 0;

  async function ask(runner: Run, wanted: Omit<ToolsWanted, 'limit'>, key: string): Promise<BoxedTool[]> {
    const without = shown.map((one) => one.skill);
    const input = { ...wanted, limit: shelf.show, without, pure: shelf.pure } as unknown as Json;
    const options = { name: 'shelf', key, agent: shelf.agent };
    const found = await runner.ask<FoundTools & Json>(shelf.skill, input, options);
    of = found.of;
    return found.tools.filter((card) => shown.every((one) => one.skill !== card.skill)).map(put);
  }

  function put(card: ToolCard): BoxedTool {
    const tool = { ...card, name: nameFor(card.skill) };
    shown.push(tool);
    // B2
    if (shown.length > shelf.show * FULL) {
      const idle = shown.findIndex((one) => !used.has(one) && one !== tool);
      if (idle >= 0) shown.splice(idle, 1);
    }
    return tool;
  }

  /** B3 */
  function nameFor(skill: string): string {
    const plain = toolName(skill);
    const isTaken = (name: string): boolean => name === FIND_TOOLS || shown.some((one) => one.name === name);
    let name = plain;
    for (let n = 2; isTaken(name); n++) name = `${plain.slice(0, 58)}_${n}`;
    return name;
  }

  await ask(run, { text: shelf.text }, 'first');
  const finder = (): ReturnType<Toolbox['told']>[0] => ({
    name: FIND_TOOLS,
    description: `You are shown ${shown.length} of ${of} tools. This finds others by what they do; what it finds can be called from then on.`,
    input: {
      type: 'object',
      properties: { what: { type: 'string', description: 'What the tool is to do, in a few words' } },
      required: ['what'],
    },
  });

  return {
    told() {
      const cards = shown.map(({ name, description, input }) => ({ name, description, input }));
      return shown.length < of ? [...cards, finder()] : cards;
    },
    get: (name) => shown.find((one) => one.name === name),
    called: (tool) => void used.add(tool),
    finds: (name) => name === FIND_TOOLS,
    async find(runner, input, key): Promise<Json> {
      const what = (input as { what?: unknown } | null)?.what;
      if (typeof what !== 'string' || what.trim() === '')
        throw new Fault('input.invalid', `say what the tool is to do: {"what": "..."}`);
      const found = await ask(runner, { text: what }, key);
      const told = found.map(({ name, description = '' }): Json => ({
        name,
        description: description.slice(0, MAX_TOLD),
      }));
      if (told.length > 0) return { found: told };
      return { found: told, note: 'no others fit: you see what there is' };
    },
    async fetch(runner, names, key) {
      const missing = [...new Set(names)].filter(
        (name) => name !== FIND_TOOLS && !shown.some((one) => one.name === name),
      );
      if (missing.length > 0) await ask(runner, { names: missing.slice(0, MAX_NAMES) }, key);
    },
  };
}
