/**
 * Random workflows as data: graphs of steps of every kind, joined in every way. What a step gives hangs on
 * what it was given alone, and where two race both would give the same: so an outcome hangs on no order.
 */
import type { Json, SeededChance } from '../../../base/index.ts';
import { checkPlan, type PlanWords, type StepWords } from '../../../author/index.ts';
import { type Plan, readPlan } from '../../../model/index.ts';
import type { GenerateOptions } from './generate.ts';
import type { Part } from './part.ts';

export interface GeneratePlanOptions extends GenerateOptions {
  name: string;
  /** Another workflow as data, that a step may begin as its child. */
  sub?: string;
  /** How deep bodies of maps and loops go; 0 = none. */
  depth?: number;
}

const ODD_KEYS = ['a|b', 'x/y', '50%', '#1', 'plain', 'ü ☃'];
const EFFECTS = ['mail', 'mail', 'book', 'book', 'note', 'stamp'] as const;

/** Where a body stands: what its steps may read besides one another. */
type Place = 'plan' | 'map' | 'loop';
const READS: Record<Place, Record<string, string>> = {
  plan: { carry: '${input.carry}' },
  map: { item: '${item}', at: '${index}' },
  loop: { carry: '${carry}', turn: '${turn}' },
};

export function generatePlan(chance: SeededChance, options: GeneratePlanOptions): Plan {
  const { name } = options;
  const words: PlanWords = { name, version: '1', ...bodyWords(chance, options, 'plan', options.depth ?? 2) };
  return planFrom(words);
}

/** Throws where the words are no plan: a generator that writes nonsense tests nothing. */
export function planFrom(words: PlanWords): Plan {
  const { body, findings } = readPlan(words);
  const wrong = body === undefined ? findings : [...findings, ...checkPlan(body)];
  if (body === undefined || wrong.length > 0) throw new Error(`${words.name}: ${JSON.stringify(wrong)}`);
  return body;
}

/** The signals that steps of these bodies wait for. */
export function signalsOfPlan(plan: Pick<Plan, 'steps'>): string[] {
  return plan.steps.flatMap((step) => [
    ...(step.spec?.signal === undefined ? [] : [step.spec.signal]),
    ...(step.body === undefined ? [] : signalsOfPlan(step.body)),
  ]);
}

interface BodyWords {
  steps: Record<string, StepWords>;
  output: Json;
}

function bodyWords(chance: SeededChance, options: GeneratePlanOptions, place: Place, depth: number): BodyWords {
  const steps: Record<string, StepWords> = {};
  /** Steps that later ones may come after: none of them fails. */
  const exits: string[] = [];
  const timeout = options.steady ? 30_000 : 400;

  function named(kind: string): string {
    return `${kind}${Object.keys(steps).length}${place === 'plan' ? '' : `d${depth}`}`;
  }

  function add(kind: string, words: StepWords): string {
    const name = named(kind);
    steps[name] = words;
    return name;
  }

  /** Comes after some of what is there, reads it, and sometimes has a condition. */
  function placed(words: StepWords): StepWords {
    const some = Array.from({ length: chance.int(3) }, () => exits.at(-1 - chance.int(4)));
    const after = [...new Set(some)].filter((name) => name !== undefined);
    const read = Object.fromEntries(after.map((name) => [name, `\${steps.${name}}`]));
    const made: StepWords = { ...words, after, with: { ...READS[place], ...read } };
    if (after.length > 1 && chance.yes(0.3)) made.join = 'settled';
    if (after.length > 0 && chance.yes(0.15)) made.if = `steps.${after[0]} ${chance.pick(['==', '!=', '!='])} null`;
    else if (place === 'loop' && chance.yes(0.2)) made.if = 'turn % 2 == 1';
    return made;
  }

  /** A failure is taken up by the step after it, which says what it was. */
  function caught(name: string): string {
    const fault = `\${faults.${name} == null ? 'none' : faults.${name}.code}`;
    return add('caught', {
      code: 'digest',
      after: [{ step: name, when: 'completion' }],
      with: { out: `\${steps.${name}}`, fault },
    });
  }

  function leaf(): string {
    switch (chance.int(22)) {
      case 0:
      case 1:
      case 2:
        return add('ask', placed({ ask: 'think', timeout }));
      case 3:
        return add('ask', placed({ ask: chance.pick(['shaky', 'busy']), timeout, retry: { tries: 4, first: 10 } }));
      case 4:
        return add('ask', placed({ ask: 'hard', lesser: ['think'], timeout }));
      case 5:
        return add('ask', placed({ ask: 'think', agree: { by: 'majority', panel: 3 }, timeout }));
      case 6: {
        // Another skill in the place of the one that fails, or steps of its own: with what they did undone.
        const steps = { way: { ask: 'think', with: '${asked}', timeout } };
        const seat = { effect: 'book', with: '${asked}', timeout };
        const doomed = { seat, no: { ask: 'broken', after: 'seat', timeout } };
        const no = { steps: doomed, output: '${steps.no}' };
        const fine = { ask: 'think', with: '${steps.seat}', cost: 90, timeout };
        // Or no way leads there; or one that needs what was undone for another.
        const ways: StepWords = chance.pick([
          { alternatives: [{ steps, output: '${steps.way}' }] },
          { alternatives: [no, { ask: 'think', cost: 50 }] },
          { alternatives: [no], lesser: ['think'] },
          { alternatives: [no, { ask: 'broken', cost: 20 }, { steps: { seat, fine }, output: '${steps.fine}' }] },
        ]);
        return add('ways', placed({ ask: 'hard', cost: 1, ...ways, timeout }));
      }
      case 7:
      case 8:
      case 9:
        return add('effect', placed({ effect: chance.pick(EFFECTS), timeout }));
      case 10: {
        const gate = add('gate', placed({ gate: {} }));
        caught(gate);
        const skill = chance.pick(['pay', 'wire']);
        return caught(add('effect', { effect: skill, gate, with: { ...READS[place] }, after: [gate], timeout }));
      }
      case 11:
        return caught(
          add('effect', placed({ effect: chance.pick(['pay', 'wire', 'mail']), right: 'pay:pass', timeout })),
        );
      case 12:
        return caught(add('gate', placed({ gate: {} })));
      case 13:
        return add('wait', { ...placed({}), with: undefined, wait: chance.pick([0, 5, 60, 400, 3_600_000]) });
      case 14:
        return add('signal', { ...placed({}), with: undefined, signal: `${options.name}-${named('word')}` });
      case 15:
        return caught(add('ask', placed({ ask: 'broken', timeout })));
      case 16:
        return add('plan', placed({ plan: 'cut', timeout }));
      case 17:
        return child();
      default:
        return add('code', placed({ code: chance.pick(['digest', 'slowly']) }));
    }
  }

  function child(): string {
    const budget =
      options.budget === 'none' || chance.yes(0.5) ? undefined : { money: options.budget === 'ample' ? 200 : 4 };
    if (options.sub !== undefined && chance.yes(0.6)) {
      const made = placed({ workflow: options.sub, budget });
      return caught(add('child', { ...made, with: { carry: made.with! } }));
    }
    const effect: Part = { do: 'effect', name: 'own', skill: chance.pick(EFFECTS), timeoutMs: timeout };
    const part: Part = { do: 'seq', of: [{ do: 'ask', name: 'q', skill: 'think', timeoutMs: timeout }, effect] };
    const input = { part: part as unknown as Json, carry: 'child', more: chance.yes(0.2) ? 1 : 0 };
    return caught(add('child', { ...placed({ workflow: 'gen', budget }), with: input }));
  }

  /** All give the same, so it does not matter who is first. */
  function race(): string {
    const { after, with: input } = placed({});
    const racers = Array.from({ length: 2 + chance.int(3) }, () =>
      add('racer', { ask: 'think', after, with: input, timeout }),
    );
    const need = chance.yes(0.5) ? 'any' : { atLeast: 1 + chance.int(racers.length - 1) };
    return add('race', { code: 'digest', after: racers, join: need, with: { first: '${first}' } });
  }

  /** One branch is taken when something failed, another when it did not. */
  function fork(): string {
    const name = add('ask', placed({ ask: chance.pick(['broken', 'think']), timeout }));
    const sorry = add('code', {
      code: 'digest',
      after: [{ step: name, when: 'failure' }],
      with: `\${faults.${name}.code}`,
    });
    const glad = add('effect', { effect: chance.pick(EFFECTS), after: [name], with: `\${steps.${name}}`, timeout });
    return add('code', {
      code: 'digest',
      after: [sorry, glad],
      join: 'settled',
      with: [`\${steps.${sorry}}`, `\${steps.${glad}}`],
    });
  }

  function map(): string {
    const items = Array.from({ length: chance.int(5) }, (_, i) => (i === 1 ? chance.pick(ODD_KEYS) : `i${i}`));
    const { after, join, if: condition } = placed({});
    const racing = chance.yes(0.2) && items.length > 0;
    const inner: BodyWords = racing
      ? { steps: { racer: { ask: 'think', with: 'same', timeout } }, output: '${steps.racer}' }
      : bodyWords(chance, options, 'map', depth - 1);
    const words: StepWords = {
      map: JSON.stringify(items),
      key: 'item',
      width: 1 + chance.int(3),
      after,
      join,
      ...inner,
    };
    if (condition !== undefined) words.if = condition;
    if (racing) words.need = chance.yes(0.5) ? 'any' : { atLeast: 1 + chance.int(items.length) };
    else if (chance.yes(0.3)) words.need = 'settled';
    const name = add('map', words);
    if (!racing) return name;
    // Whose answer it was hangs on who was first: what it was does not.
    return add('code', { code: 'digest', after: [name], with: 'somebody answered' });
  }

  function loop(): string {
    const { after, join, with: input, if: condition } = placed({});
    const turns = 1 + chance.int(4);
    const words: StepWords = { loop: input, after, join, ...bodyWords(chance, options, 'loop', depth - 1) };
    if (chance.yes(0.5)) words.turns = turns;
    else words.until = `turn >= ${turns}`;
    if (condition !== undefined) words.if = condition;
    return add('loop', words);
  }

  function unit(): string {
    if (depth <= 0 || chance.yes(0.6)) return leaf();
    const at = chance.int(6);
    if (at < 2) return race();
    if (at < 3) return fork();
    return at < 5 ? map() : loop();
  }

  const count = place === 'plan' ? 3 + chance.int(5) : 1 + chance.int(2);
  for (let i = 0; i < count; i++) exits.push(unit());
  // An abort at the end: what was done is undone.
  if (place === 'plan' && chance.yes(0.2)) add('ask', { ask: 'broken', after: [...exits], join: 'settled', timeout });
  return { steps, output: Object.fromEntries(exits.map((name) => [name, `\${steps.${name}}`])) };
}
