/** Resources and prompts as skills. They only read, and are named after their agent: no other server has the same. */
import type { Client } from '@modelcontextprotocol/client';
import { Fault, type Json } from '../../../base/index.ts';
import type { AgentSkill } from '../port.ts';

export interface Reading {
  skill: AgentSkill;
  read(client: Client, input: Json | undefined, signal: AbortSignal): Promise<unknown>;
}

export function readings(agent: string, client: Client): Map<string, Reading> {
  const can = client.getServerCapabilities();
  const all = new Map<string, Reading>();
  const add = (name: string, description: string, properties: Record<string, Json>, read: Reading['read']): void => {
    const input = { type: 'object', properties, required: Object.keys(properties).slice(0, 1) };
    all.set(`${agent}.${name}`, {
      skill: { name: `${agent}.${name}`, description, effect: 'pure', price: { money: 0, tokens: 0 }, input },
      read,
    });
  };
  if (can?.resources !== undefined) {
    add('list_resources', `The resources of ${agent}`, {}, async (use, _, signal) => {
      const { resources } = await use.listResources(undefined, { signal, cacheMode: 'refresh' });
      return resources;
    });
    add('read_resource', `Reads a resource of ${agent}`, { uri: { type: 'string' } }, async (use, input, signal) => {
      const { contents } = await use.readResource({ uri: text(input, 'uri') }, { signal, cacheMode: 'refresh' });
      return contents;
    });
  }
  if (can?.prompts !== undefined) {
    add('list_prompts', `The prompts of ${agent}`, {}, async (use, _, signal) => {
      const { prompts } = await use.listPrompts(undefined, { signal, cacheMode: 'refresh' });
      return prompts;
    });
    add(
      'get_prompt',
      `Renders a prompt of ${agent}`,
      { name: { type: 'string' }, arguments: { type: 'object', additionalProperties: { type: 'string' } } },
      async (use, input, signal) => {
        const given = (input as { arguments?: Record<string, string> } | undefined)?.arguments;
        const { messages } = await use.getPrompt({ name: text(input, 'name'), arguments: given }, { signal });
        return messages;
      },
    );
  }
  return all;
}

/** A single text may stand for the object that holds it. */
function text(input: Json | undefined, member: string): string {
  const given = typeof input === 'string' ? input : (input as Record<string, Json> | null | undefined)?.[member];
  if (typeof given === 'string') return given;
  throw new Fault('agent.refused', `give { "${member}": "..." }`);
}
