/** Really calling an agent, skill by skill, as a run at a site of its own in memory. */
import type { Amounts } from '../../model/index.ts';
import { workflow } from '../../author/index.ts';
import type { FaultData, Json } from '../../base/index.ts';
import type { Agent, AgentSkill } from '../../ports/agent/index.ts';
import { shelfSkillOf, turnSkillOf } from '../../ports/agent/llm/answer.ts';
import { openSite, type Site } from '../site.ts';

export interface TrialOptions {
  agent: Agent;
  /** Others, whose skills it may use as tools. */
  others?: readonly Agent[];
  /** Only this skill. */
  skill?: string;
  /** What it is asked; else the smallest input that its schema allows. */
  input?: Json;
  /** Skills that are not pure are called too. */
  effects?: boolean;
  timeoutMs: number;
  heard?: (piece: string) => void;
}

export interface Tried {
  skill: string;
  effect: AgentSkill['effect'];
  /** `skipped`: it has an effect, and nobody said that it may. `asks`: it wants a person's word before it answers. */
  result: 'ok' | 'failed' | 'skipped' | 'asks';
  tookMs?: number;
  output?: Json;
  cost?: Amounts;
  fault?: FaultData;
}

const trial = workflow(
  'agent-trial',
  (run, given: { agent: string; skill: string; effect: string; input: Json; timeoutMs: number }) => {
    const { agent, skill, input, timeoutMs } = given;
    // Whoever allowed effects has said yes already.
    const right = given.effect === 'irreversible' ? 'trial' : undefined;
    return run.ask(skill, input, { name: 'call', agent, timeoutMs, right, retry: { tries: 1 } });
  },
);

export async function tryAgent(options: TrialOptions): Promise<Tried[]> {
  const { agent, others = [], timeoutMs } = options;
  const site = await openSite({ store: 'memory:', agents: [agent, ...others], workflows: [trial] });
  const results: Tried[] = [];
  try {
    // A model with tools is asked for one turn, which changes nothing.
    const all = [agent, ...(agent.companions ?? [])].flatMap((one) =>
      one.skills.map((card) => ({ who: one.name, card })),
    );
    for (const { who, card } of all) {
      const { name: skill, effect } = card;
      if (skill === shelfSkillOf(agent.name)) continue;
      if (options.skill !== undefined && skill !== options.skill) continue;
      if (effect !== 'pure' && options.effects !== true) {
        results.push({ skill, effect, result: 'skipped' });
        continue;
      }
      const turn = skill === turnSkillOf(agent.name);
      const input = turn ? { messages: [{ by: 'user', text: HELLO }] } : (options.input ?? sampleOf(card.input));
      const beganMs = performance.now();
      const handle = await site.start(trial, { agent: who, skill, effect, input, timeoutMs });
      const stop = site.listen(handle.run, (piece) => options.heard?.(piece.text));
      if (effect === 'irreversible') {
        await handle.untilAsked('call');
        await site.approve(handle.run, 'call');
      }
      const ended = new AbortController();
      const { signal } = ended;
      void denyQuestion(site, handle.run, signal).catch(() => {});
      const { outcome, output, fault, spent } = await handle.result();
      ended.abort();
      stop();
      const tookMs = Math.round(performance.now() - beganMs);
      const cost = { money: spent.money, tokens: spent.tokens };
      if (outcome === 'completed') results.push({ skill, effect, result: 'ok', tookMs, output, cost });
      else {
        const result = fault?.code === 'input.required' ? 'asks' : 'failed';
        results.push({ skill, effect, result, tookMs, fault, cost });
      }
    }
  } finally {
    // An agent that asked is told that nobody answers.
    await site.stop({ graceMs: TOLD_MS });
  }
  return results;
}

const LOOK_MS = 20;
/** What is still out when all was tried is waited for so long. */
const TOLD_MS = 1_000;

/** Nobody is here to answer: what it asks is what the trial came to. */
async function denyQuestion(site: Site, run: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const { asks } = await site.handle(run).untilAsked('call', { signal, timeoutMs: Infinity });
    if (asks === 'input') return site.deny(run, 'call');
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

const HELLO = 'Hello. Answer with one short sentence.';

/** The smallest value that a schema allows; a greeting where it says nothing. */
export function sampleOf(schema: Json | undefined): Json {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return HELLO;
  for (const given of ['const', 'default'] as const) if (schema[given] !== undefined) return schema[given];
  for (const list of ['enum', 'examples'] as const) {
    const values = schema[list];
    if (Array.isArray(values) && values.length > 0) return values[0]!;
  }
  switch (schema['type']) {
    case 'object': {
      const shapes = (schema['properties'] ?? {}) as Record<string, Json>;
      const needed = Array.isArray(schema['required']) ? schema['required'] : [];
      const names = needed.filter((name) => typeof name === 'string');
      return Object.fromEntries(names.map((name) => [name, sampleOf(shapes[name])]));
    }
    case 'array':
      return [];
    case 'number':
    case 'integer':
      return typeof schema['minimum'] === 'number' ? schema['minimum'] : 1;
    case 'boolean':
      return false;
    case 'null':
      return null;
    default:
      return HELLO;
  }
}
