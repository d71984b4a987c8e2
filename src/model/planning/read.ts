/** From the words people write to the plan that runs. Says everything that is wrong with the words, with places. */
import type { z } from 'zod';
import { type Json, nearest } from '../../base/index.ts';
import { compileExpr, type Refs } from '../expr.ts';
import type { Plan, PlanBody, PlanEdge, PlanStep } from '../plan.ts';
import { compileTemplate, joinRefs } from '../template.ts';
import type { StepSpec, WaySpec } from '../words.ts';
import { meantIssues, membersAt } from '../members.ts';
import { type Finding, type Report, reporter } from './finding.ts';
import { amountsFrom, durationMs } from './measures.ts';
import { specOf } from './read-spec.ts';
import {
  bodyWords,
  type EdgeWords,
  KIND_WORDS,
  type KindWord,
  planWords,
  STEP_WORDS,
  stepWords,
  type StepWords,
  type WayWords,
} from './words.ts';

export interface Read<T> {
  findings: Finding[];
  body?: T;
}

/** A whole plan. */
export function readPlan(words: unknown): Read<Plan> {
  const findings: Finding[] = [];
  const report = reporter(findings);
  const parsed = planWords.safeParse(words);
  if (!parsed.success) return { findings: shapeFindings(parsed.error, report, findings) };
  const { name, version, goal, input, budget, deadline, labels } = parsed.data;
  const body: Plan = { name, version: String(version ?? '1'), ...bodyFrom(parsed.data, '', report) };
  if (goal !== undefined) body.goal = goal;
  if (input !== undefined) body.input = input;
  if (budget !== undefined) body.budget = amountsFrom(budget);
  if (deadline !== undefined) body.deadlineMs = durationMs(deadline);
  if (labels !== undefined) body.labels = labels;
  return { body, findings };
}

/** A sub-plan, as planners answer: `steps`, and `output` if they say so. */
export function readBody(words: unknown): Read<PlanBody> {
  const findings: Finding[] = [];
  const report = reporter(findings);
  const parsed = bodyWords.safeParse(words);
  if (!parsed.success) return { findings: shapeFindings(parsed.error, report, findings) };
  return { body: bodyFrom(parsed.data, '', report), findings };
}

function bodyFrom(words: { steps: Record<string, StepWords>; output?: Json }, place: string, report: Report): PlanBody {
  const steps: PlanStep[] = [];
  const names = new Set(Object.keys(words.steps));
  for (const [name, step] of Object.entries(words.steps)) {
    const read = stepFrom(name, step, names, `${place}steps.${name}`, report);
    if (read !== undefined) steps.push(read);
  }
  return words.output === undefined ? { steps } : { steps, output: words.output };
}

function stepFrom(
  name: string,
  words: StepWords,
  names: ReadonlySet<string>,
  place: string,
  report: Report,
): PlanStep | undefined {
  const kind = kindOf(words, place, report);
  if (kind === undefined) return undefined;
  const step: PlanStep = { name, kind };
  if (words.if !== undefined) step.if = bare(words.if);
  if (words.join !== undefined) step.join = words.join;
  if (words.returns !== undefined) step.output = words.returns;
  if (words.was !== undefined) step.was = words.was;
  if (words.labels !== undefined) step.labels = words.labels;
  const input = words.with ?? (typeof words.wait === 'object' ? words.wait.until : undefined);
  if (input !== undefined) step.input = input;
  if (kind === 'map') {
    step.over = bare(words.map!);
    if (words.key !== undefined) step.key = bare(words.key);
  }
  if (kind === 'loop') {
    step.carry = words.loop!;
    if (words.until !== undefined) step.until = bare(words.until);
  }
  if (words.steps !== undefined)
    step.body = bodyFrom({ steps: words.steps, output: words.output }, `${place}.`, report);
  const spec = specOf(kind, words);
  if (spec !== undefined) step.spec = spec;
  const ways = waysFrom(words, step, place, report);
  if (ways !== undefined) step.spec = { ...step.spec, alternatives: ways };
  const after = edgesFrom(words, step, names);
  if (after.length > 0) step.after = after;
  return step;
}

function waysFrom(words: StepWords, step: PlanStep, place: string, report: Report): WaySpec[] | undefined {
  if (words.alternatives === undefined) return undefined;
  return words.alternatives.map((way, i) => {
    const at = `${place}.alternatives[${i}]`;
    if (typeof way === 'object' && 'steps' in way) return { body: bodyFrom(way, `${at}.`, report) };
    if (typeof way === 'object' && way.ask !== undefined && way.effect !== undefined)
      report('shape', at, 'it says ask and effect at once', 'Make a way of each.');
    return skillWay(way, i, step.kind, step.spec ?? {});
  });
}

/** Somebody else's skill in the place of a step's own: the same input, the same bounds, the same gates. */
export function skillWay(way: Exclude<WayWords, { steps: unknown }>, i: number, kind: PlanStep['kind'], own: StepSpec) {
  const { ask, effect, agent, cost } = typeof way === 'string' ? { ask: way } : way;
  const spec: StepSpec = { ...own, skill: effect ?? ask ?? own.skill };
  for (const member of ['agent', 'cost', 'lesser', 'alternatives', 'agree', 'person'] as const) delete spec[member];
  if (agent !== undefined) spec.agent = agent;
  if (cost !== undefined) spec.cost = cost;
  const does = effect !== undefined ? 'effect' : typeof way === 'object' && ask !== undefined ? 'ask' : kind;
  return { body: { steps: [{ name: `way${i + 1}`, kind: does, input: '${asked}', spec }] } } satisfies WaySpec;
}

/** The ways of a workflow as code: the same words. */
export function readWays(words: readonly unknown[], kind: 'ask' | 'effect', own: StepSpec): Read<WaySpec[]> {
  const findings: Finding[] = [];
  const report = reporter(findings);
  const parsed = stepWords.safeParse({ ask: own.skill, alternatives: words });
  if (!parsed.success) return { findings: shapeFindings(parsed.error, report, findings) };
  return { body: waysFrom(parsed.data, { name: '', kind, spec: own }, '', report), findings };
}

/** Exactly one word says the kind. `gate` beside another names the gate to pass. */
function kindOf(words: StepWords, place: string, report: Report): KindWord | undefined {
  const found = KIND_WORDS.filter((word) => words[word] !== undefined && word !== 'gate');
  if (found.length === 0 && words.alternatives !== undefined && typeof words.gate === 'object') {
    report('shape', place, 'a gate has no alternatives', 'Make a gate of its own, and name it: gate: <step>.');
    return undefined;
  }
  if (found.length === 0 && words.alternatives !== undefined) found.push('ask');
  if (found.length === 0 && words.gate !== undefined) found.push('gate');
  if (found.length === 1) return found[0];
  const list = KIND_WORDS.join(', ');
  if (found.length === 0) report('shape', place, `it does not say what it does`, `Give it one of: ${list}.`);
  else report('shape', place, `it says ${found.join(' and ')} at once`, 'Make a step of each.');
  return undefined;
}

/** Left out, `after` is what the step uses. The gate to pass comes before in any case. */
function edgesFrom(words: StepWords, step: PlanStep, names: ReadonlySet<string>): PlanEdge[] {
  const edges: PlanEdge[] =
    words.after === undefined
      ? [...usedBy(step)].filter((used) => used !== step.name && names.has(used)).map((used) => ({ step: used }))
      : [words.after].flat().flatMap(edgeFrom);
  const gate = step.spec?.gate;
  if (gate !== undefined && names.has(gate) && !edges.some((edge) => edge.step === gate)) edges.push({ step: gate });
  return edges;
}

function edgeFrom(words: EdgeWords): PlanEdge[] {
  if (typeof words === 'string') return [{ step: words }];
  if ('step' in words && !(Object.keys(words).length === 1 && words.step in WHEN)) {
    const { step, when, if: condition } = words as { step: string; when?: PlanEdge['when']; if?: string };
    const edge: PlanEdge = { step };
    if (when !== undefined) edge.when = when;
    if (condition !== undefined) edge.if = bare(condition);
    return [edge];
  }
  return Object.entries(words as Record<string, PlanEdge['when']>).map(([step, when]) => ({ step, when }));
}

const WHEN = { success: true, completion: true, failure: true };

/** Steps that the texts of this step read; the faults of others are no reason to wait. */
function usedBy(step: PlanStep): ReadonlySet<string> {
  const refs: Refs[] = [];
  for (const text of [step.if, step.over]) attempt(() => text !== undefined && refs.push(compileExpr(text).refs));
  for (const template of [step.input, step.carry])
    attempt(() => template !== undefined && refs.push(compileTemplate(template).refs));
  const used = new Set(joinRefs(refs).steps);
  for (const body of [step.body, ...(step.spec?.alternatives ?? []).map((way) => way.body)])
    for (const inner of body?.steps ?? [])
      for (const name of usedBy(inner)) if (!body?.steps.some((s) => s.name === name)) used.add(name);
  return used;
}

/** What is wrong with an expression is said by the check, with its place. */
function attempt(work: () => unknown): void {
  try {
    work();
  } catch {
    return;
  }
}

/** Places of expressions take `${...}` as well. */
function bare(text: string): string {
  const whole = /^\s*\$\{([^]*)\}\s*$/.exec(text);
  return whole === null ? text : whole[1]!.trim();
}

function shapeFindings(error: z.ZodError, report: Report, findings: Finding[]): Finding[] {
  for (const issue of error.issues.flatMap((one) => meantIssues(planWords, one))) {
    const place = placeOf(issue.path);
    if (issue.code === 'unrecognized_keys') {
      const known = membersAt(planWords, issue.path);
      for (const key of issue.keys)
        report('shape', place, `'${key}' is no word here${nearest(key, known)}`, wordsHint(key, known, issue.path));
    } else report('shape', place, issue.message);
  }
  return findings;
}

/** A word of steps may have slipped into what another one holds (`retry`, `gate`). */
function wordsHint(key: string, known: readonly string[], path: readonly PropertyKey[]): string {
  const block = path.findLast((part) => typeof part === 'string');
  if (block === undefined || !STEP_WORDS.includes(key)) return `Words here: ${known.join(', ')}.`;
  return `Put '${key}' beside '${block}', in the step itself.`;
}

export function placeOf(path: readonly PropertyKey[]): string {
  let place = '';
  for (const part of path)
    place += typeof part === 'number' ? `[${part}]` : place === '' ? String(part) : `.${String(part)}`;
  return place;
}
