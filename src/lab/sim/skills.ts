/** Who works in the simulation, and what each can do: pure functions of what they are given. */
import { canonicalJson, hashText, type Json } from '../../base/index.ts';
import type { EffectClass } from '../../model/index.ts';

export interface SimSkill {
  name: string;
  effect: EffectClass;
  keyed?: boolean;
  reconciles?: boolean;
  undoes?: boolean;
  /** Money for a call. */
  price: number;
  /** How it fails, if it does: a function of the try. */
  fails?: 'elsewhere' | 'never' | 'twiceBusy';
}

export interface SimAgent {
  name: string;
  skills: SimSkill[];
}

export const simAgents: readonly SimAgent[] = [
  { name: 'ann', skills: [think(2)] },
  { name: 'pia', skills: [{ name: 'cut', effect: 'pure', price: 1 }] },
  { name: 'bob', skills: [think(1), { name: 'busy', effect: 'pure', price: 1, fails: 'twiceBusy' }] },
  { name: 'cid', skills: [think(3), { name: 'shaky', effect: 'pure', price: 3 }] },
  { name: 'fay', skills: [{ name: 'shaky', effect: 'pure', price: 1, fails: 'elsewhere' }] },
  { name: 'gus', skills: [{ name: 'hard', effect: 'pure', price: 1, fails: 'elsewhere' }] },
  { name: 'hal', skills: [{ name: 'broken', effect: 'pure', price: 1, fails: 'never' }] },
  { name: 'mel', skills: [{ name: 'mail', effect: 'idempotent', keyed: true, price: 1 }] },
  { name: 'mo', skills: [{ name: 'mail', effect: 'idempotent', keyed: true, price: 1 }] },
  { name: 'rex', skills: [{ name: 'book', effect: 'reversible', reconciles: true, undoes: true, price: 1 }] },
  { name: 'ned', skills: [{ name: 'note', effect: 'reversible', undoes: true, price: 1 }] },
  { name: 'sam', skills: [{ name: 'stamp', effect: 'idempotent', reconciles: true, price: 1 }] },
  { name: 'sue', skills: [{ name: 'stamp', effect: 'idempotent', reconciles: true, price: 2 }] },
  { name: 'pam', skills: [{ name: 'pay', effect: 'irreversible', price: 1 }] },
  { name: 'wil', skills: [{ name: 'wire', effect: 'irreversible', reconciles: true, price: 1 }] },
];

function think(price: number): SimSkill {
  return { name: 'think', effect: 'pure', price };
}

/** What every agent with a skill says to an input. */
export function answerOf(skill: string, input: Json | undefined): Json {
  return skill === 'cut' ? planOf(digest(input)) : { [skill]: digest(input) };
}

/** The planner's answer: one of a few sub-plans, each of other kinds of steps. */
function planOf(seed: string): Json {
  const timeout = 30_000;
  const one: Json = { ask: 'think', with: seed, timeout };
  const two: Json = { code: 'digest', with: '${steps.one}' };
  switch (seed.charCodeAt(0) % 4) {
    case 0:
      return { steps: { one } };
    case 1:
      return { steps: { one, sent: { effect: 'mail', with: '${steps.one}', timeout } }, output: '${steps.one}' };
    case 2:
      return {
        steps: {
          one,
          each: { map: '["a", "b"]', key: 'item', after: 'one', steps: { seat: { effect: 'book', timeout } } },
        },
      };
    default:
      return { steps: { one, two }, output: ['${steps.two}', seed] };
  }
}

export function digest(value: unknown): string {
  return hashText(canonicalJson(value ?? null)).slice(0, 8);
}
