/** Sampling: what a server would ask a model is answered by a skill of the site, under a policy, and billed to the step. */
import { Fault, type Json } from '../../../base/index.ts';
import type { Amounts } from '../../../model/index.ts';
import type { AgentCall, AgentDesk } from '../port.ts';
import type { SamplePrompt, SamplingPolicy } from './options.ts';

const MAX_TOKENS = 4_096;
const MAX_CALLS = 4;

export interface Lending {
  bind(desk: AgentDesk): void;
  answer(prompt: SamplePrompt, call: AgentCall | undefined): Promise<string>;
  /** What a call has spent so. */
  costOf(call: AgentCall): Amounts | undefined;
}

export function createLending(
  name: string,
  { skill, maxTokens = MAX_TOKENS, maxCalls = MAX_CALLS }: SamplingPolicy,
): Lending {
  const used = new WeakMap<AgentCall, { calls: number; cost: Amounts }>();
  let desk: AgentDesk | undefined;

  function refuse(why: string): Fault {
    return new Fault('agent.refused', `'${name}' asks for a model, and is refused: ${why}`);
  }

  return {
    bind(given) {
      desk = given;
    },
    async answer(prompt, call) {
      if (desk === undefined) throw refuse('it is at no site');
      if (call === undefined) throw refuse('with several calls open on one connection nobody can tell whose it is');
      const card = desk.skill(skill);
      if (card === undefined) throw refuse(`nobody here has the skill '${skill}'`);
      if (card.effect !== 'pure') throw refuse(`the skill '${skill}' is ${card.effect}; only a pure one is lent`);
      if (prompt.maxTokens > maxTokens)
        throw refuse(`it wants ${prompt.maxTokens} tokens, at most ${maxTokens} are lent`);
      const so = used.get(call) ?? { calls: 0, cost: {} };
      used.set(call, so);
      if (++so.calls > maxCalls) throw refuse(`it asked ${maxCalls} times already in this call`);
      const { output, cost, fault } = await desk.ask(call, skill, inputOf(prompt));
      for (const dimension of ['money', 'tokens'] as const)
        if (cost?.[dimension] !== undefined) so.cost[dimension] = (so.cost[dimension] ?? 0) + cost[dimension];
      if (fault !== undefined) throw fault;
      return typeof output === 'string' ? output : JSON.stringify(output ?? '');
    },
    costOf(call) {
      const cost = used.get(call)?.cost;
      return cost === undefined || Object.keys(cost).length === 0 ? undefined : cost;
    },
  };
}

/** A single question is only its text: what a skill that answers texts takes. */
function inputOf({ system, messages, maxTokens }: SamplePrompt): Json {
  if (system === undefined && messages.length === 1) return messages[0]!.text;
  return {
    ...(system !== undefined && { system }),
    messages: messages.map(({ role, text }) => ({ role, text })),
    maxTokens,
  };
}
