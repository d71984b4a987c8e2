/**
 * The fault wrapper: agents whose calls go wrong where a plan says so. It draws no chance and keeps no time of its
 * own: every decision and every wait comes from the plan, so the same plan gives the same run.
 */
import { Fault } from '../../base/index.ts';
import type { Agent, AgentCall, AgentReply } from './port.ts';

export const AGENT_TROUBLES = [
  'crash',
  'hang',
  'slow',
  'wrong',
  'malformed',
  'truncated',
  'duplicate',
  'reorder',
  'flap',
  'rate-limit',
  'partition',
] as const;
export type AgentTroubleKind = (typeof AGENT_TROUBLES)[number];

export interface AgentTrouble {
  kind: AgentTroubleKind;
  /** slow: before it answers; rate-limit: after which it may be asked again; reorder: at most this much later. */
  ms: number;
  /** crash, partition: the call was worked before it was lost. */
  worked: boolean;
}

export interface AgentFaultPlan {
  /** What goes wrong at this call; nothing = it works. */
  decide(agent: string, call: AgentCall): AgentTrouble | undefined;
  wait(ms: number): Promise<void>;
}

/** The same agent, gone wrong by plan. */
export function withAgentFaults(agent: Agent, plan: AgentFaultPlan): Agent {
  const call = async (given: AgentCall): Promise<AgentReply> => {
    const trouble = plan.decide(agent.name, given);
    if (trouble === undefined) return agent.call(given);
    return goWrong(agent, given, trouble, plan);
  };
  // Everything else is the agent's own, live: skills of some change while they run.
  return new Proxy(agent, {
    get: (own, member) => {
      if (member === 'call') return call;
      const value: unknown = Reflect.get(own, member, own);
      return typeof value === 'function' ? value.bind(own) : value;
    },
  });
}

async function goWrong(
  agent: Agent,
  call: AgentCall,
  trouble: AgentTrouble,
  plan: AgentFaultPlan,
): Promise<AgentReply> {
  const { kind, ms, worked } = trouble;
  const what = `injected: ${agent.name} ${kind}`;
  switch (kind) {
    case 'crash':
    case 'partition':
      if (worked) await agent.call(call);
      throw new Fault('agent.lost', what);
    case 'flap':
      throw new Fault('agent.failed', what);
    case 'rate-limit':
      // It was never taken.
      throw new Fault('agent.busy', what, { afterMs: ms });
    case 'hang':
      if (worked) await agent.call(call);
      return new Promise((_, reject) => {
        const stop = (): void => reject(call.signal.reason as Error);
        if (call.signal.aborted) stop();
        else call.signal.addEventListener('abort', stop, { once: true });
      });
    case 'slow':
    case 'reorder':
      await plan.wait(ms);
      return agent.call(call);
    case 'duplicate':
      await agent.call(call);
      return agent.call(call);
    case 'wrong': {
      const reply = await agent.call(call);
      return { ...reply, output: otherThan(reply.output) };
    }
    case 'malformed': {
      const reply = await agent.call(call);
      return { ...reply, output: () => 'no JSON' };
    }
    case 'truncated': {
      const reply = await agent.call(call);
      return { ...reply, output: halfOf(reply.output) };
    }
  }
}

/** Of the same shape, and another value. */
function otherThan(value: unknown): unknown {
  if (typeof value === 'string') return `not ${value}`;
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  if (Array.isArray(value)) return value.map(otherThan);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, otherThan(one)] as const));
  return 'something';
}

/** What arrives when a line breaks in the middle. */
function halfOf(value: unknown): unknown {
  const text = JSON.stringify(value) ?? '';
  return text.slice(0, Math.floor(text.length / 2));
}
