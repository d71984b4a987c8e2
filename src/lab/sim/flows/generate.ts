/** Random workflows: small trees of parts whose names are unique, so that edits and keys are not the subject. */
import type { SeededChance } from '../../../base/index.ts';
import type { Part } from './part.ts';

export interface GenerateOptions {
  /** Nothing whose outcome hangs on who is faster. */
  steady: boolean;
  budget: 'none' | 'ample' | 'tight';
  /** A workflow as data, that a part may begin as its child. */
  sub?: string;
}

const EFFECTS = ['mail', 'mail', 'book', 'book', 'note', 'stamp'] as const;
const ODD_KEYS = ['a|b', 'x/y', '50%', '#1', 'plain', 'ü ☃'];

export function generatePart(chance: SeededChance, options: GenerateOptions): Part {
  let names = 0;
  const timeoutMs = options.steady ? 30_000 : 400;
  const name = (kind: string): string => `${kind}${names++}`;

  function leaf(): Part {
    const at = chance.int(19);
    if (at < 4)
      return {
        do: 'ask',
        name: name('ask'),
        skill: 'think',
        key: chance.yes(0.2) ? chance.pick(ODD_KEYS) : undefined,
        timeoutMs,
      };
    if (at < 5) return { do: 'ask', name: name('ask'), skill: 'busy', key: chance.pick(ODD_KEYS), timeoutMs };
    if (at < 6) return { do: 'ask', name: name('ask'), skill: chance.pick(['shaky', 'busy']), timeoutMs };
    if (at < 7) return { do: 'ask', name: name('ask'), skill: 'hard', lesser: ['think'], timeoutMs };
    if (at < 8) return { do: 'ask', name: name('ask'), skill: 'think', panel: 3, timeoutMs };
    if (at < 11) return { do: 'effect', name: name('effect'), skill: chance.pick(EFFECTS), timeoutMs };
    if (at < 12) return { do: 'gated', name: name('effect'), skill: chance.pick(['pay', 'wire']), timeoutMs };
    if (at < 13)
      return {
        do: 'effect',
        name: name('effect'),
        skill: chance.pick(['pay', 'wire', 'mail']),
        right: 'pay:pass',
        timeoutMs,
      };
    if (at < 14) return { do: 'gate', name: name('gate') };
    if (at < 15) return { do: 'wait', name: name('wait'), ms: chance.pick([0, 5, 60, 400, 3_600_000]) };
    if (at < 16) return { do: 'signal', name: name('signal') };
    if (at < 17) return { do: chance.pick(['now', 'random']), name: name('draw'), timeoutMs };
    return { do: 'code', name: name('code'), slow: chance.yes(0.3) };
  }

  /** In a place where a failure of another kind could come first, none comes out. */
  function safe(depth: number): Part {
    const one = part(depth);
    return mayFail(one) ? { do: 'try', of: one } : one;
  }

  function branches(depth: number): Part[] {
    return Array.from({ length: 1 + chance.int(3) }, () => safe(depth));
  }

  function racing(): Part[] {
    // All give the same; what else they do differs.
    return Array.from({ length: 2 + chance.int(2) }, (): Part => {
      const ask: Part = { do: 'ask', name: name('race'), skill: 'think', timeoutMs };
      return ask;
    });
  }

  function part(depth: number): Part {
    if (depth <= 0 || chance.yes(0.35)) return leaf();
    switch (chance.int(10)) {
      case 0:
        return { do: 'pair', of: branches(depth - 1) };
      case 1: {
        const items = Array.from({ length: chance.int(6) }, (_, i) => (i === 1 ? chance.pick(ODD_KEYS) : `i${i}`));
        return { do: 'map', name: name('map'), items, width: 1 + chance.int(3), body: safe(depth - 1) };
      }
      case 2:
        return { do: 'loop', name: name('loop'), turns: 1 + chance.int(5), body: seq(depth - 1, 2) };
      case 3:
        return { do: 'join', name: name('all'), mode: 'all', branches: branches(depth - 1) };
      case 4:
        return { do: 'join', name: name('any'), mode: 'any', branches: racing() };
      case 5:
        return { do: 'join', name: name('most'), mode: 'atLeast', branches: [...racing(), ...racing()] };
      case 6: {
        const broken: Part = { do: 'ask', name: name('ask'), skill: 'broken', timeoutMs };
        return { do: 'join', name: name('settled'), mode: 'settled', branches: [...branches(depth - 1), broken] };
      }
      case 7: {
        // One branch fails: the others are cancelled wherever they are.
        const broken: Part = { do: 'ask', name: name('ask'), skill: 'broken', timeoutMs };
        const all: Part = { do: 'join', name: name('all'), mode: 'all', branches: [...branches(depth - 1), broken] };
        return { do: 'try', of: all };
      }
      case 8: {
        const budget = options.budget === 'none' || chance.yes(0.5) ? undefined : options.budget === 'ample' ? 200 : 4;
        const more = chance.yes(0.2) ? 1 : 0;
        if (options.sub !== undefined && chance.yes(0.5))
          return { do: 'child', name: name('child'), flow: options.sub, part: { do: 'code', name: 'none' }, budget };
        return { do: 'child', name: name('child'), part: seq(depth - 1, 3), budget, more };
      }
      default:
        return seq(depth - 1, 3);
    }
  }

  function seq(depth: number, most: number): Part {
    return { do: 'seq', of: Array.from({ length: 1 + chance.int(most) }, () => part(depth)) };
  }

  const of = Array.from({ length: 2 + chance.int(4) }, () => part(2));
  if (!options.steady && chance.yes(0.2))
    of.push({ do: 'join', name: name('any'), mode: 'any', branches: [seq(1, 2), seq(1, 2)] });
  // An abort at the end: what was done is undone.
  if (chance.yes(0.2)) of.push({ do: 'ask', name: name('ask'), skill: 'broken', timeoutMs });
  return { do: 'seq', of };
}

/** Whether a fault can come out of a part where nothing goes wrong. */
function mayFail(part: Part): boolean {
  switch (part.do) {
    case 'gate':
    case 'gated':
      return true;
    case 'effect':
      return part.right !== undefined;
    case 'ask':
      return part.skill === 'broken';
    case 'seq':
    case 'pair':
      return part.of.some(mayFail);
    case 'map':
    case 'loop':
      return mayFail(part.body);
    case 'join':
      return part.mode !== 'settled' && part.branches.some(mayFail);
    case 'child':
      return part.flow !== undefined || mayFail(part.part);
    default:
      return false;
  }
}
