/** A running site takes up the agents that are kept in its store, and lets go of those that are withdrawn. */
import { type Clock, Fault, toFault } from '../../base/index.ts';
import { type Agent, type AgentEnvironment, openAgent } from '../../ports/agent/index.ts';
import type { Store } from '../../ports/store/index.ts';
import type { AgentBook } from '../agents.ts';
import { type Kept, keptAgents } from './words.ts';

/** How soon a word is heard. */
export const LOOK_MS = 1_000;
/** One that was withdrawn may be at work still. */
const LAST_CALLS_MS = 30_000;
/** One that cannot be opened is tried again after this long. */
const OPEN_AGAIN_MS = 30_000;

export interface FollowOptions {
  store: Store;
  agents: AgentBook;
  clock: Clock;
  environment: AgentEnvironment;
  onTrouble(fault: Fault): void;
  lookMs?: number;
}

export interface Following {
  look(): Promise<void>;
  stop(): Promise<void>;
}

export async function followKeptAgents(options: FollowOptions): Promise<Following> {
  const { store, agents, clock, environment, onTrouble, lookMs = LOOK_MS } = options;
  const ours = new Map<string, { word: string; agent: Agent }>();
  const failed = new Map<string, { word: string; againMs: number }>();
  const leaving = new Map<Agent, () => void>();
  let stopLook: (() => void) | undefined;
  let stopped = false;
  let looking: Promise<void> | undefined;

  async function take({ declaration, word }: Kept): Promise<void> {
    const { name } = declaration;
    const before = failed.get(name);
    if (before?.word === word && clock.monotonicMs() < before.againMs) return;
    try {
      // The configuration's own come first.
      if (agents.get(name) !== undefined)
        throw new Fault('conflict', `agent '${name}' is kept in the store, and the configuration has one of that name`);
      const agent = await openAgent(declaration, environment);
      if (stopped) return await agent.close?.();
      agents.add(agent);
      ours.set(name, { word, agent });
      failed.delete(name);
    } catch (thrown) {
      failed.set(name, { word, againMs: clock.monotonicMs() + OPEN_AGAIN_MS });
      onTrouble(toFault(thrown, 'agent.failed'));
    }
  }

  function letGo(name: string): void {
    const one = ours.get(name);
    if (one === undefined) return;
    ours.delete(name);
    agents.remove(name);
    const close = clock.after(LAST_CALLS_MS, () => void closeNow(one.agent));
    leaving.set(one.agent, close);
  }

  async function closeNow(agent: Agent): Promise<void> {
    leaving.get(agent)?.();
    leaving.delete(agent);
    await agent.close?.();
  }

  async function lookOnce(): Promise<void> {
    try {
      const kept = await keptAgents(store, onTrouble);
      for (const [name, { word }] of ours) if (!kept.some((one) => one.word === word)) letGo(name);
      for (const one of kept) if (!ours.has(one.declaration.name)) await take(one);
    } catch (thrown) {
      onTrouble(toFault(thrown, 'store.io'));
    }
  }

  function look(): Promise<void> {
    looking ??= lookOnce().finally(() => {
      looking = undefined;
      stopLook?.();
      if (!stopped) stopLook = clock.after(lookMs, () => void look());
    });
    return looking;
  }

  await look();
  return {
    look,
    async stop() {
      stopped = true;
      stopLook?.();
      await looking;
      for (const agent of leaving.keys()) await closeNow(agent);
    },
  };
}
