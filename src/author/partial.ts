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
  for (const { path, ...issue } of issuesOf(rest)) {
    const around = path.slice(0, -1).reduce<unknown>((at, part) => (at as Words | undefined)?.[part as string], rest);
    if (issue.code === 'unrecognized_keys') {
      const there = path.length === 0 ? rest : (around as Words | undefined)?.[path.at(-1) as string];
      if (isWords(there)) for (const key of issue.keys) delete there[key];
    } else if (isWords(around) && path.length > 0) delete around[path.at(-1) as string];
  }
  rest['name'] ??= 'unnamed';
  // Where that was not enough, the whole step goes, or the whole member.
  for (const { path } of issuesOf(rest)) {
    const [member, step] = path as string[];
    if (member === 'steps' && step !== undefined) delete (rest['steps'] as Words)[step];
    else if (member !== undefined) delete rest[member];
  }
  rest['name'] ??= 'unnamed';
  return planWords.safeParse(rest).success ? (rest as Json) : undefined;
}

function issuesOf(words: unknown) {
  return planWords.safeParse(words).error?.issues ?? [];
}

function isWords(value: unknown): value is Words {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
