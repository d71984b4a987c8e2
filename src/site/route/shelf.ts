/**
 * Tool shelves: of thousands of tools a model is shown the few that fit what it is to do. The rest cost tokens at
 * every turn and make it choose worse.
 */
import { createHashedEmbedder, type Embedder } from '../../ports/index/index.ts';
import { createNearIndex } from './near.ts';

export interface Tool {
  name: string;
  description?: string;
  /** JSON Schema: its members' names and descriptions are words too. */
  input?: unknown;
}

export interface Shelved<T extends Tool> {
  shown: T[];
  /** About how many tokens all tools would have taken, and those shown take. */
  tokens: { all: number; shown: number };
}

export interface Shelf<T extends Tool> {
  readonly size: number;
  put(tools: readonly T[]): Promise<void>;
  remove(name: string): void;
  /** always: shown whatever the text. */
  /** About how many tokens these take. */
  tokensOf(tools: readonly T[]): number;
  pick(text: string, options?: { limit?: number; always?: readonly string[] }): Promise<Shelved<T>>;
}

/** Models choose well among so many. */
const SHOWN = 8;
/** Characters of JSON that make one token, about. */
const CHARS_PER_TOKEN = 4;

export function createShelf<T extends Tool>({
  embedder = createHashedEmbedder(),
}: { embedder?: Embedder } = {}): Shelf<T> {
  const tools = new Map<string, T>();
  const tokens = new Map<string, number>();
  const index = createNearIndex({ embedder });
  let all = 0;

  function remove(name: string): void {
    if (!tools.delete(name)) return;
    all -= tokens.get(name)!;
    tokens.delete(name);
    index.remove(name);
  }

  return {
    get size() {
      return tools.size;
    },
    async put(given) {
      for (const tool of given) {
        remove(tool.name);
        const size = tokensOfTool(tool);
        tools.set(tool.name, tool);
        tokens.set(tool.name, size);
        all += size;
      }
      await index.put(given.map((tool) => ({ key: tool.name, text: textOfTool(tool) })));
    },
    remove,
    tokensOf: (some) => some.reduce((sum, one) => sum + (tokens.get(one.name) ?? tokensOfTool(one)), 0),
    async pick(text, { limit = SHOWN, always = [] } = {}) {
      const shown = new Map<string, T>();
      for (const name of always) {
        const tool = tools.get(name);
        if (tool !== undefined) shown.set(name, tool);
      }
      for (const { agent: name } of await index.nearest(text, limit)) {
        if (shown.size >= limit) break;
        shown.set(name, tools.get(name)!);
      }
      return { shown: [...shown.values()], tokens: { all, shown: this.tokensOf([...shown.values()]) } };
    },
  };
}

export function tokensOfTool({ name, description, input }: Tool): number {
  return Math.ceil(JSON.stringify({ name, description, input }).length / CHARS_PER_TOKEN);
}

function textOfTool({ name, description = '', input }: Tool): string {
  const words = [name, name, description];
  const properties = (input as { properties?: Record<string, { description?: string }> } | undefined)?.properties;
  for (const [member, schema] of Object.entries(properties ?? {})) words.push(member, schema?.description ?? '');
  return words.join(' ');
}
