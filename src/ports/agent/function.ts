/** A function as an agent: typed, local, in this process. */
import {
  anything,
  callable,
  checkGiven,
  checkOptions,
  flag,
  holding,
  object,
  oneOf,
  type Options,
  places,
  span,
  text,
} from '../../base/index.ts';
import { type Amounts, checkedAmounts, EFFECT_CLASSES, type EffectClass } from '../../model/index.ts';
import type { Agent, AgentCall, AgentLimits, AgentReply, AgentSkill, Happened, UndoCall } from './port.ts';

// Skills of one agent have shapes of their own, which no type but `any` lets stand side by side.
// oxlint-disable typescript/no-explicit-any
export interface FunctionSkill<I = any, O = any> {
  description?: string;
  /** Default: pure, which promises that calling twice does no harm. */
  effect?: EffectClass;
  keyed?: boolean;
  price?: Amounts;
  /** It calls `call.beat()` at least this often: silence for longer ends the call, long before its timeout. */
  beatMs?: number;
  run: (input: I, call: AgentCall) => O | Promise<O>;
  /** Says what the work cost; without it the price is charged. */
  cost?: (output: O) => Amounts;
  reconcile?: (call: { key: string; input: I }) => Happened | Promise<Happened>;
  undo?: (call: UndoCall) => void | Promise<void>;
}

export interface FunctionAgentOptions {
  /** Each with shapes of its own. */
  skills: Record<string, FunctionSkill | ((input: any, call: AgentCall) => unknown)>;
  /** Its places: calls beyond so many wait in a line of its own. */
  limits?: Pick<AgentLimits, 'atOnce'>;
}
// oxlint-enable typescript/no-explicit-any

const AGENT: Options<FunctionAgentOptions> = { skills: object, limits: holding({ atOnce: places }) };

const SKILL: Options<FunctionSkill> = {
  description: text,
  effect: oneOf(...EFFECT_CLASSES),
  keyed: flag,
  price: anything,
  beatMs: span,
  run: callable,
  cost: callable,
  reconcile: callable,
  undo: callable,
};

export function functionAgent(name: string, options: FunctionAgentOptions): Agent {
  checkGiven(name, text, 'the name of a function agent');
  checkOptions(options, AGENT, 'functionAgent', name);
  checkGiven(options?.skills, object, `\`skills\` of functionAgent '${name}'`);
  const skills = new Map<string, FunctionSkill>();
  for (const [skill, given] of Object.entries(options.skills))
    skills.set(skill, typeof given === 'function' ? { run: given } : mustBeSkill(name, skill, given));
  const cards: AgentSkill[] = [...skills].map(([skill, one]) => ({
    name: skill,
    description: one.description,
    effect: one.effect ?? 'pure',
    keyed: one.keyed,
    price: one.price ?? { money: 0, tokens: 0 },
    beatMs: one.beatMs,
  }));

  function reply(one: FunctionSkill, output: unknown): AgentReply {
    return one.cost === undefined ? { output } : { output, cost: one.cost(output) };
  }

  const agent: Agent = {
    name,
    kind: 'function',
    skills: cards,
    ...(options.limits !== undefined && { limits: options.limits }),
    call(call) {
      const one = skills.get(call.skill)!;
      const output = one.run(call.input, call);
      return output instanceof Promise ? output.then((o) => reply(one, o)) : reply(one, output);
    },
  };
  if ([...skills.values()].some((s) => s.reconcile !== undefined)) {
    agent.reconcile = (call) => skills.get(call.skill)?.reconcile?.(call) ?? { happened: undefined };
  }
  if ([...skills.values()].some((s) => s.undo !== undefined)) {
    agent.undo = (call) => skills.get(call.skill)?.undo?.(call);
  }
  return agent;
}

function mustBeSkill(agent: string, skill: string, given: FunctionSkill): FunctionSkill {
  const what = `skill '${skill}' of agent '${agent}'`;
  checkOptions(given, SKILL, what);
  checkGiven(given?.run, callable, `\`run\` of ${what}`);
  checkedAmounts(given.price, `price of ${what}`);
  return given;
}
