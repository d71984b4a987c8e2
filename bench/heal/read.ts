/** Scenarios of others, from a file: read strictly, for a scenario that means something else than was meant proves nothing. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { Fault } from '../../src/base/index.ts';
import { agentsOf, type Call, type Graph, leavesOf, type Scenario } from './graph.ts';

const EFFECTS = ['pure', 'idempotent', 'reversible', 'irreversible'] as const;
const FORMS = ['tool', 'seq', 'all', 'any'] as const;
/** Deeper is no scenario but a mistake of whoever made the file. */
const MAX_DEPTH = 64;
const MAX_CALLS = 10_000;
const MAX_TOLD = 10;

const name = z.string().min(1);
const cost = z.number().nonnegative();
const call = z.strictObject({
  tool: name,
  cost: cost.optional(),
  takesMs: z.number().nonnegative().optional(),
  effect: z.enum(EFFECTS).optional(),
  agents: z
    .array(z.strictObject({ agent: name, cost, takesMs: z.number().nonnegative().optional() }))
    .min(1)
    .optional(),
});
const failure = z.strictObject({
  agent: name,
  known: z.literal(true).optional(),
  calls: z.int().positive().optional(),
  afterCalls: z.int().positive().optional(),
  atMs: z.number().nonnegative().optional(),
});
const scenario = z.strictObject({
  name,
  kind: name.optional(),
  graph: z.unknown(),
  failures: z.array(failure).default([]),
  deadlineMs: z.number().positive().optional(),
  budget: cost.optional(),
  expect: z
    .strictObject({ outcome: z.enum(['completed', 'failed']), cost: cost.optional(), cut: z.array(name).optional() })
    .optional(),
});

/** Gives undefined, so that who reads a part can end with it. */
type Say = (place: string, what: string) => undefined;

export function readScenarios(file: string): Scenario[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    throw refused(file, `it cannot be read: ${(thrown as Error).message}`);
  }
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (thrown) {
    throw refused(file, `it is no JSON: ${(thrown as Error).message}`);
  }
  const problems: string[] = [];
  const scenarios = scenariosIn(given, (place, what) => {
    problems.push(`${place}: ${what}`);
    return undefined;
  });
  if (problems.length === 0) return scenarios;
  const more = problems.length - MAX_TOLD;
  const told = [...problems.slice(0, MAX_TOLD), ...(more > 0 ? [`and ${more} more`] : [])];
  throw refused(file, `\n  ${told.join('\n  ')}`);
}

function refused(file: string, why: string): Fault {
  return new Fault(
    'input.invalid',
    `the scenarios in ${file} are refused: ${why}\nThe shape: docs/healing.md, 'Own scenarios'.`,
  );
}

export function scenariosIn(given: unknown, say: Say): Scenario[] {
  const wrapped = z.strictObject({ scenarios: z.array(z.unknown()) }).safeParse(given);
  const list = Array.isArray(given) ? (given as unknown[]) : wrapped.data?.scenarios;
  if (list === undefined || list.length === 0) {
    say('the file', 'it must be a list of scenarios, or {"scenarios": [...]}, with at least one');
    return [];
  }
  const seen = new Set<string>();
  return list.flatMap((one, i) => {
    const place = `scenarios[${i}]`;
    const parsed = told(scenario, one, place, say);
    if (parsed === undefined) return [];
    if (seen.has(parsed.name)) say(`${place}.name`, `'${parsed.name}' is the name of another scenario too`);
    seen.add(parsed.name);
    const graph = graphIn(parsed.graph, `${place}.graph`, say, 0);
    if (graph === undefined) return [];
    const read = { ...parsed, graph } as Scenario;
    check(read, place, say);
    return [read];
  });
}

/** One form each, so that a mistake is told by its own name. */
function graphIn(given: unknown, place: string, say: Say, depth: number): Graph | undefined {
  if (depth > MAX_DEPTH) return say(place, `deeper than ${MAX_DEPTH}`);
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return say(place, 'a graph is an object with one of tool, seq, all, any');
  const forms = FORMS.filter((form) => form in given);
  if (forms.length !== 1)
    return say(
      place,
      forms.length === 0
        ? `one of tool, seq, all, any is missing (it has ${Object.keys(given).join(', ') || 'nothing'})`
        : `it is ${forms.join(' and ')} at once: put one inside of the other`,
    );
  const form = forms[0]!;
  if (form === 'tool') return told(call, given, place, say);
  const parsed = told(z.strictObject({ [form]: z.array(z.unknown()).min(1) }), given, place, say);
  const parts = parsed?.[form]?.map((part, i) => graphIn(part, `${place}.${form}[${i}]`, say, depth + 1));
  if (parts === undefined || parts.some((part) => part === undefined)) return undefined;
  return { [form]: parts } as unknown as Graph;
}

/** What fits its shape and still means nothing. */
function check({ graph, failures, expect }: Scenario, place: string, say: Say): void {
  const calls = leavesOf(graph).map((leaf) => leaf.call);
  if (calls.length > MAX_CALLS) return say(`${place}.graph`, `${calls.length} calls are more than ${MAX_CALLS}`);
  const tools = new Map<string, Call>();
  const doers = new Map<string, string>();
  for (const one of calls) {
    const before = tools.get(one.tool) ?? one;
    tools.set(one.tool, before);
    if ((before.effect ?? 'pure') !== (one.effect ?? 'pure'))
      say(
        `${place}.graph`,
        `the tool '${one.tool}' is ${before.effect ?? 'pure'} here and ${one.effect ?? 'pure'} there`,
      );
    for (const { agent } of agentsOf(one)) {
      const other = doers.get(agent) ?? one.tool;
      doers.set(agent, other);
      if (other !== one.tool) say(`${place}.graph`, `the agent '${agent}' is of '${other}' and of '${one.tool}'`);
    }
  }
  const named = new Set<string>();
  for (const [i, { agent, known, calls: flaps, afterCalls, atMs }] of failures.entries()) {
    const at = `${place}.failures[${i}]`;
    if (!doers.has(agent))
      say(at, `no call of the graph has an agent '${agent}': there are ${[...doers.keys()].join(', ')}`);
    if (named.has(agent)) say(at, `'${agent}' fails twice: say all of it in one`);
    named.add(agent);
    if ([known, flaps, afterCalls, atMs].filter((one) => one !== undefined).length > 1)
      say(at, 'say one of known, calls, afterCalls, atMs');
  }
  for (const agent of expect?.cut ?? [])
    if (!doers.has(agent)) say(`${place}.expect.cut`, `no call of the graph has an agent '${agent}'`);
  if (expect?.outcome === 'completed' && expect.cut !== undefined)
    say(`${place}.expect`, 'a run that completes has no cut set');
}

function told<T extends z.ZodType>(schema: T, given: unknown, place: string, say: Say): z.output<T> | undefined {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  for (const { path, message } of parsed.error.issues) say([place, ...path.map(stepOf)].join(''), message);
  return undefined;
}

function stepOf(part: PropertyKey): string {
  return typeof part === 'number' ? `[${part}]` : `.${String(part)}`;
}
