/** Who works in the simulation, and what each can do: pure functions of what they are given. */
import { canonicalJson, hashText, type Json } from '../../base/index.ts';
import type { EffectClass } from '../../model/index.ts';
import { SKILLS } from '../trial/index.ts';
import { textOf } from './edited-code.ts';

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
  /** Its sink knows what was done by the key of the call: names of steps may change meanwhile. */
  byKey?: true;
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

/** Who works for code that is edited: what a skill is, its name says (as in `lab/trial`). */
export const editAgents: readonly SimAgent[] = [{ name: 'worker', skills: SKILLS.map(editSkill) }];

function editSkill(name: string): SimSkill {
  const skill: SimSkill = { name, effect: 'pure', price: 1, byKey: true };
  if (name === 'fail') return { ...skill, fails: 'elsewhere' };
  if (name.startsWith('pay')) return { ...skill, effect: 'idempotent', keyed: true };
  if (name.startsWith('book')) return { ...skill, effect: 'reversible', reconciles: true, undoes: true };
  if (name.startsWith('mail')) return { ...skill, effect: 'irreversible', reconciles: true };
  if (name.startsWith('shout')) return { ...skill, effect: 'irreversible' };
  return skill;
}

const ofEdits: ReadonlySet<string> = new Set(SKILLS);

function think(price: number): SimSkill {
  return { name: 'think', effect: 'pure', price };
}

/** What every agent with a skill says to an input. */
export function answerOf(skill: string, input: Json | undefined): Json {
  if (ofEdits.has(skill)) return textOf(skill, input);
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
