/**
 * Gates that need what only the site knows of an agent: what labels it may see, what right it asks for, what fits
 * its schemas, how many calls it takes. Those that need the run (budget, deadline, what was tried) are in flow/route.
 */
import type { Json } from '../../base/index.ts';
import { hasRight, isUnreadable, type Principal, schemaProblem } from '../../model/index.ts';
import type { Offer } from '../agents.ts';

export interface Wanted {
  by: Principal;
  labels: readonly string[];
  input: Json | undefined;
  /** JSON Schema that the answer must fit. */
  output: Json | undefined;
}

/** Whether this offer asks more of a task than to be there: then it is looked at although nobody else offers. */
export function asksMore({ agent, skill }: Offer): boolean {
  return agent.clearance !== undefined || skill.right !== undefined || skill.input !== undefined;
}

/** The gate that refuses the task, undefined when it passes. */
export function refusedAt({ agent, skill }: Offer, wanted: Wanted): string | undefined {
  if (skill.right !== undefined && !hasRight(wanted.by, skill.right)) return `right '${skill.right}' is missing`;
  const { clearance } = agent;
  const hidden = clearance === undefined ? undefined : wanted.labels.find((label) => !clearance.includes(label));
  if (hidden !== undefined) return `may not see '${hidden}'`;
  if (skill.input !== undefined && wanted.input !== undefined) {
    // A card is a stranger's: what is wrong with it shuts out nobody else.
    if (isUnreadable(skill.input)) return 'its input schema cannot be read';
    if (schemaProblem(skill.input, wanted.input) !== undefined) return 'the input does not fit its schema';
  }
  if (skill.output !== undefined && wanted.output !== undefined && !mayFit(skill.output, wanted.output))
    return 'its output cannot fit the schema';
  return undefined;
}

/** False only where no value of the one shape can have the other: doubt is no refusal. */
export function mayFit(offered: Json, wanted: Json): boolean {
  if (!isObject(offered) || !isObject(wanted)) return true;
  const [has, needs] = [typesOf(offered), typesOf(wanted)];
  if (has !== undefined && needs !== undefined && !has.some((type) => needs.some((need) => sameType(type, need))))
    return false;
  const required = Array.isArray(wanted['required']) ? wanted['required'] : [];
  const { properties } = offered;
  const there = isObject(properties) ? properties : {};
  const closed = offered['additionalProperties'] === false;
  for (const name of required) {
    if (typeof name !== 'string') continue;
    if (!(name in there)) {
      if (closed) return false;
      continue;
    }
    const asked = isObject(wanted['properties']) ? wanted['properties'][name] : undefined;
    if (asked !== undefined && !mayFit(there[name]!, asked)) return false;
  }
  return true;
}

function isObject(value: Json | undefined): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function typesOf(schema: Record<string, Json>): string[] | undefined {
  const { type } = schema;
  if (typeof type === 'string') return [type];
  return Array.isArray(type) ? type.filter((one) => typeof one === 'string') : undefined;
}

function sameType(a: string, b: string): boolean {
  return a === b || (a === 'integer' && b === 'number') || (a === 'number' && b === 'integer');
}
