/**
 * What a tool may change: its annotations give the default, the configuration has the last word.
 *
 * readOnlyHint               pure
 * idempotentHint             idempotent, keyed: the same arguments change nothing more, and a step's are always the same
 * other annotations          irreversible: it says that it changes something, and names no way back
 * none                       irreversible and undeclared: nobody knows
 *
 * Hints can lie; so a stranger's are taken only as far as `annotations: 'take'` says.
 */
import type { Tool } from '@modelcontextprotocol/client';
import type { Json } from '../../../base/index.ts';
import type { AgentSkill } from '../port.ts';
import type { McpSkillWord } from './options.ts';

export function skillOf(tool: Tool, word: McpSkillWord | undefined, annotations: 'take' | 'ignore'): AgentSkill {
  const hinted = annotations === 'take' ? hintedEffect(tool.annotations) : undefined;
  const skill: AgentSkill = {
    name: tool.name,
    description: word?.description ?? tool.description ?? tool.title,
    effect: word?.effect ?? hinted?.effect ?? 'irreversible',
    input: tool.inputSchema as Json,
  };
  if (tool.outputSchema !== undefined) skill.output = tool.outputSchema as Json;
  const keyed = word?.keyed ?? (word?.effect === undefined ? hinted?.keyed : undefined);
  if (keyed) skill.keyed = true;
  if (word?.effect === undefined && hinted === undefined) skill.undeclared = true;
  if (word?.price !== undefined) skill.price = word.price;
  if (word?.beatMs !== undefined) skill.beatMs = word.beatMs;
  return skill;
}

function hintedEffect(hints: Tool['annotations']): Pick<AgentSkill, 'effect' | 'keyed'> | undefined {
  if (hints?.readOnlyHint === true) return { effect: 'pure' };
  if (hints?.idempotentHint === true) return { effect: 'idempotent', keyed: true };
  if (hints?.readOnlyHint === undefined && hints?.destructiveHint === undefined) return undefined;
  return { effect: 'irreversible' };
}

const ORDER = ['pure', 'idempotent', 'reversible', 'irreversible'] as const;

/** Whether a tool may change more now than when the call was decided. */
export function isStricter(now: AgentSkill, then: AgentSkill['effect']): boolean {
  return ORDER.indexOf(now.effect) > ORDER.indexOf(then);
}
