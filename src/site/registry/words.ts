/**
 * Agents that are declared while a site runs: kept in its store, taken up by every worker of it.
 *
 * A word about an agent is a letter to a stream that nobody owns, so anybody who reaches the store may say one, and
 * it waits there for good. The last word about a name counts.
 */
import { type Chance, type Clock, errorText, Fault, freshId } from '../../base/index.ts';
import { type AgentDeclaration, readAgentDeclaration } from '../../ports/agent/index.ts';
import type { Store } from '../../ports/store/index.ts';

/** No run has this id: a run's begins with a letter and holds no colon. */
const STREAM = 'site:agents';

export interface Kept {
  declaration: AgentDeclaration;
  by: string;
  /** When it was said, ms since 1970. */
  at: number;
  /** Names the word: another one is another agent, though the name be the same. */
  word: string;
}

interface Said {
  name: string;
  by: string;
  /** None: it is withdrawn. */
  declaration?: unknown;
}

export interface Saying {
  store: Store;
  clock: Clock;
  chance: Chance;
}

/** Those that count now. A word that cannot be read any more (a newer shape) is left out, and told. */
export async function keptAgents(store: Store, onTrouble: (fault: Fault) => void = () => {}): Promise<Kept[]> {
  const letters = await store.letters(STREAM);
  // The due time of a word is when it was said.
  const inOrder = letters.toSorted((a, b) => a.dueMs - b.dueMs || (a.id < b.id ? -1 : 1));
  const kept = new Map<string, Kept>();
  for (const { id, dueMs, body } of inOrder) {
    try {
      const said = JSON.parse(body) as Said;
      kept.delete(said.name);
      if (said.declaration === undefined) continue;
      kept.set(said.name, { declaration: readAgentDeclaration(said.declaration), by: said.by, at: dueMs, word: id });
    } catch (thrown) {
      onTrouble(new Fault('input.invalid', `an agent kept in the store cannot be read: ${errorText(thrown)}`));
    }
  }
  return [...kept.values()];
}

export async function declareAgent(saying: Saying, given: unknown, by: string): Promise<AgentDeclaration> {
  const declaration = readAgentDeclaration(given);
  const others = await keptAgents(saying.store);
  if (others.some((one) => one.declaration.name === declaration.name))
    throw new Fault('conflict', `an agent named '${declaration.name}' is kept already: remove it first`);
  await say(saying, { name: declaration.name, by, declaration });
  return declaration;
}

export async function withdrawAgent(saying: Saying, name: string, by: string): Promise<void> {
  const others = await keptAgents(saying.store);
  if (!others.some((one) => one.declaration.name === name)) {
    const names = others.map((one) => one.declaration.name).join(', ') || 'none';
    throw new Fault('not-found', `no agent named '${name}' is kept in the store; there are: ${names}`);
  }
  await say(saying, { name, by });
}

async function say({ store, clock, chance }: Saying, said: Said): Promise<void> {
  const before = await store.letters(STREAM);
  // Later than every word before it, so that two of one millisecond keep their order.
  const nowMs = Math.max(clock.nowMs(), ...before.map((letter) => letter.dueMs + 1));
  await store.post([{ to: STREAM, id: freshId('a', nowMs, chance), dueMs: nowMs, body: JSON.stringify(said) }]);
}
