/**
 * Cures: what healed a failure of this sort before. A pure fold: an agent that answered where another had failed is
 * remembered for that agent, fault and class of message; each time it helps it counts more, each time it does not, half
 * as much, and soon it is forgotten. A run sees them only as figures on its journaled candidates.
 */
import type { FaultData } from '../base/index.ts';
import type { StepState } from './state.ts';

/** Another agent was asked after failures. */
export interface Lesson {
  signs: string[];
  agent: string;
  /** What it was asked for: its goal among the lesser ones, none = the step's own. */
  lesser?: number | undefined;
}

/** By the sign of a failure, how much this agent is believed to help: 0 to 1. The latest used is the last. */
export type Cures = Readonly<Record<string, number>>;

/** Below it a cure is forgotten: one failure undoes one success, two in a row undo any number. */
const LEAST = 0.3;
/** Signs kept of one agent at one skill: they stand on every candidate that a run is told of. */
export const MAX_SIGNS = 4;
/** Of a message, what tells its class from others; numbers, names in quotes and ids are left out. */
const MAX_CLASS = 48;
const MAX_READ = 200;

export function failureSign(agent: string, { code, message }: FaultData): string {
  const words = message
    .slice(0, MAX_READ)
    .toLowerCase()
    .replaceAll(/'[^']*'|"[^"]*"|`[^`]*`/g, '*')
    .replaceAll(/[\w-]*\d[\w-]*/g, '#');
  return `${agent}|${code}|${words.slice(0, MAX_CLASS)}`;
}

/**
 * What the end of this attempt will teach, as long as it is out: it was asked because others had failed. Panels ask
 * several anyway, and what died with its worker says nothing of anybody.
 */
export function lessonOf({ attempts = [] }: StepState, n: number): Lesson | undefined {
  const attempt = attempts.find((one) => one.n === n);
  if (attempt?.status !== 'open' || attempt.ask !== undefined) return undefined;
  const { agent, lesser } = attempt;
  const failed = attempts.filter(
    (one) => one.n < n && one.status === 'failed' && one.gone !== true && one.unasked === undefined,
  );
  const others = failed.filter((one) => one.agent !== agent && one.lesser === lesser && one.fault !== undefined);
  if (others.length === 0) return undefined;
  return { signs: [...new Set(others.map((one) => failureSign(one.agent, one.fault!)))], agent, lesser };
}

export function learnCure(cures: Cures, sign: string, helped: boolean): Cures {
  const { [sign]: was, ...others } = cures;
  const is = helped ? (1 + (was ?? 0)) / 2 : (was ?? 0) / 2;
  if (is < LEAST) return was === undefined ? cures : others;
  const kept = Object.entries(others).slice(1 - MAX_SIGNS);
  return Object.fromEntries([...kept, [sign, is]]);
}
