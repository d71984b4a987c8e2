/**
 * Which of the site's skills a model with many tools is shown: a shelf for each such agent, of what it may call, that
 * follows the agents as they come and go. What it finds is the answer of a step, so it is journaled, and a replay needs
 * no index.
 */
import type { AgentSkill, FoundTools, ToolCard, ToolsWanted } from '../../ports/agent/index.ts';
import { isPattern, toolName } from '../../ports/agent/llm/answer.ts';
import type { Embedder } from '../../ports/index/index.ts';
import type { AgentBook } from '../agents.ts';
import { createShelf, type Shelf } from '../route/index.ts';

export interface Shelves {
  /** What these words of `tools` mean here and now: skills, `prefix*`, `@agent`. */
  cards(agent: string, words: readonly string[]): AgentSkill[];
  find(agent: string, words: readonly string[], wanted: ToolsWanted): Promise<FoundTools>;
}

interface Kept {
  shelf: Shelf<OnShelf>;
  /** By skill, with its text: who is as before is not put again. */
  there: Map<string, string>;
  /** The last look at who is there; none = somebody came, went or changed since. */
  looked?: Promise<void>;
}
type OnShelf = ToolCard & { name: string };

export function createShelves(agents: () => AgentBook, embedder?: Embedder): Shelves {
  const shelves = new Map<string, Kept>();
  let watches = false;

  function watch(): void {
    if (watches) return;
    watches = true;
    agents().onChange((_skills, agent) => {
      if (agents().get(agent) === undefined) for (const pure of [true, false]) shelves.delete(keyOf(agent, pure));
      for (const kept of shelves.values()) kept.looked = undefined;
    });
  }

  function cards(agent: string, words: readonly string[]): AgentSkill[] {
    const found = new Map<string, AgentSkill>();
    const names = new Set(words.filter((word) => !isPattern(word)));
    const patterns = words.filter(isPattern);
    const all = agents().list();
    // A pattern means neither itself nor what others work by.
    const hidden = new Set([agent, ...all.flatMap((one) => one.companions ?? []).map((one) => one.name)]);
    for (const other of all) {
      const meant = hidden.has(other.name) ? [] : patterns;
      for (const skill of other.skills) {
        if (found.has(skill.name)) continue;
        if (names.has(skill.name) || meant.some((word) => fits(word, other.name, skill.name)))
          found.set(skill.name, skill);
      }
    }
    return [...found.values()];
  }

  async function shelfOf(agent: string, words: readonly string[], pure: boolean): Promise<Kept> {
    watch();
    const key = keyOf(agent, pure);
    const kept: Kept = shelves.get(key) ?? { shelf: createShelf<OnShelf>({ embedder }), there: new Map() };
    shelves.set(key, kept);
    kept.looked ??= follow(
      kept,
      cards(agent, words).filter((card) => !pure || card.effect === 'pure'),
    );
    try {
      await kept.looked;
    } catch (thrown) {
      kept.looked = undefined;
      throw thrown;
    }
    return kept;
  }

  async function follow({ shelf, there }: Kept, now: readonly AgentSkill[]): Promise<void> {
    const gone = new Set(there.keys());
    const changed: { tool: OnShelf; text: string }[] = [];
    for (const card of now) {
      gone.delete(card.name);
      const tool = { name: card.name, ...cardOf(card) };
      const text = JSON.stringify(tool);
      if (there.get(card.name) !== text) changed.push({ tool, text });
    }
    for (const name of gone) {
      shelf.remove(name);
      there.delete(name);
    }
    await shelf.put(changed.map(({ tool }) => tool));
    for (const { tool, text } of changed) there.set(tool.name, text);
  }

  return {
    cards,
    async find(agent, words, { text, names = [], limit, without = [], pure = false }) {
      const { shelf, there } = await shelfOf(agent, words, pure);
      const hidden = new Set(without);
      // A name is a skill's, or what a model is told instead.
      const named = names.length === 0 ? [] : [...there.keys()].filter((skill) => isNamed(skill, names));
      // Those that it sees already would take the places of others.
      const most = named.length + (text === undefined ? 0 : limit + hidden.size);
      const { shown, tokens } = await shelf.pick(text ?? '', { limit: most, always: named });
      const tools = shown.filter((tool) => !hidden.has(tool.name)).slice(0, named.length + limit);
      return {
        tools: tools.map(({ name: _, ...card }) => card),
        of: shelf.size,
        tokens: { all: tokens.all, shown: shelf.tokensOf(tools) },
      };
    },
  };
}

function keyOf(agent: string, pure: boolean): string {
  return pure ? `${agent}\npure` : agent;
}

function fits(word: string, agent: string, skill: string): boolean {
  return word.startsWith('@') ? word.slice(1) === agent : skill.startsWith(word.slice(0, -1));
}

function isNamed(skill: string, names: readonly string[]): boolean {
  return names.some((name) => name === skill || name === toolName(skill));
}

function cardOf({ name: skill, description, input, effect }: AgentSkill): ToolCard {
  return { skill, description, input, effect };
}
