/**
 * A plan whose words are wrong in places, without those: so that all that is wrong elsewhere is told in the same breath,
 * and not one kind of mistake after the other.
 */
import type { Json } from '../base/index.ts';
import { type Finding, type Known, planWords, readPlan } from '../model/index.ts';
import { checkPlan } from './check.ts';

/** What is wrong besides `first`, the findings on the words themselves. */
export function findingsBeside(first: readonly Finding[], words: Json, known?: Known): Finding[] {
  const rest = withoutWrong(words);
  if (rest === undefined) return [];
  const { body, findings } = readPlan(rest);
  if (body === undefined) return [];
  const left = new Set(body.steps.map(({ name }) => name));
  const gone = Object.keys((words as { steps: object }).steps).filter((name) => !left.has(name));
  // What only follows from a mistake that is told already is no mistake of its own.
  const follows = ({ place, message }: Finding): boolean =>
    first.some((one) => one.place === place || one.place.startsWith(`${place}.`)) ||
    gone.some((name) => place === `steps.${name}` || message.includes(`'${name}'`));
  return [...findings, ...checkPlan(body, known)].filter((finding) => !follows(finding));
}

type Words = Record<string, unknown>;

/** Undefined: nothing that could be a plan is left. */
function withoutWrong(words: Json): Json | undefined {
  const rest: unknown = structuredClone(words);
  if (!isWords(rest) || !isWords(rest['steps'])) return undefined;
  for (const issue of issuesOf(rest)) {
    const path = issue.path.map(String);
    const around = path.slice(0, -1).reduce<unknown>(inside, rest);
    const last = path.at(-1);
    if (issue.code === 'unrecognized_keys') {
      const there = path.reduce<unknown>(inside, rest);
      if (isWords(there)) for (const key of issue.keys) delete there[key];
    } else if (isWords(around) && last !== undefined) delete around[last];
  }
  rest['name'] ??= 'unnamed';
  const steps: Words = rest['steps'];
  // Where that was not enough, the whole step goes, or the whole member.
  for (const { path } of issuesOf(rest)) {
    const [member, step] = path.map(String);
    if (member === 'steps' && step !== undefined) delete steps[step];
    else if (member !== undefined) delete rest[member];
  }
  rest['name'] ??= 'unnamed';
  return planWords.safeParse(rest).success ? (rest as Json) : undefined;
}

function inside(at: unknown, part: string): unknown {
  return typeof at === 'object' && at !== null ? (at as Words)[part] : undefined;
}

function issuesOf(words: unknown) {
  return planWords.safeParse(words).error?.issues ?? [];
}

function isWords(value: unknown): value is Words {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
