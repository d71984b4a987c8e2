/** Agents for trials, and a book of what they did. Held skills answer only when they are let go. */
import { Fault, type Json } from '../../base/index.ts';
import { type Agent, type AgentCall, functionAgent, type FunctionSkill } from '../../ports/agent/index.ts';

export interface World {
  agents: Agent[];
  /** `skill(input)` of every call, in order. */
  calls: string[];
  /** How often each key was worked at the sink. */
  worked: Map<string, number>;
  /** Steps undone, in order. */
  undone: string[];
  /** Skills that give no answer. */
  held: Set<string>;
  /** Skills whose sink works, and says nothing of it. */
  silent: Set<string>;
  /** Skills that say they are busy. */
  busy: Set<string>;
  /** Answers what held calls still wait. */
  letGo(): void;
}

/**
 * Skills: `pure...` and any other name is pure; `pay...` is idempotent and keyed, `book...` reversible,
 * `mail...` irreversible and reconcilable, `shout...` irreversible and mute.
 */
export function createWorld(skills: readonly string[]): World {
  const waiting: (() => void)[] = [];
  const world: World = {
    agents: [],
    calls: [],
    worked: new Map(),
    undone: [],
    held: new Set(),
    silent: new Set(),
    busy: new Set(),
    letGo() {
      world.held.clear();
      for (const call of waiting.splice(0)) call();
    },
  };
  const answers = new Map<string, Json>();

  async function work(skill: string, input: Json, call: AgentCall): Promise<Json> {
    const text = `${skill}(${input === undefined ? '' : JSON.stringify(input)})`;
    world.calls.push(text);
    if (world.held.has(skill)) await new Promise<void>((resolve) => waiting.push(resolve));
    if (world.busy.has(skill)) throw new Fault('agent.busy', `${skill} is busy`);
    if (skill.startsWith('fail')) throw new Error(`${text} failed`);
    const isKeyed = skill.startsWith('pay');
    if (!isKeyed || !world.worked.has(call.key)) world.worked.set(call.key, (world.worked.get(call.key) ?? 0) + 1);
    answers.set(call.key, text);
    if (world.silent.has(skill)) await new Promise<never>(() => {});
    return text;
  }

  const all: Record<string, FunctionSkill> = {};
  for (const skill of skills) {
    const one: FunctionSkill = { run: (input, call) => work(skill, input, call) };
    if (skill.startsWith('pay')) Object.assign(one, { effect: 'idempotent', keyed: true });
    if (skill.startsWith('book')) {
      Object.assign(one, { effect: 'reversible', undo: (call: { step: string }) => void world.undone.push(call.step) });
      one.reconcile = ({ key }) => ({ happened: answers.has(key), output: answers.get(key) });
    }
    if (skill.startsWith('mail')) {
      one.effect = 'irreversible';
      one.reconcile = ({ key }) => ({ happened: answers.has(key), output: answers.get(key) });
    }
    if (skill.startsWith('shout')) one.effect = 'irreversible';
    all[skill] = one;
  }
  world.agents.push(functionAgent('worker', { skills: all }));
  return world;
}
