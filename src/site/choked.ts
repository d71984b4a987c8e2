/**
 * Letters on which a decision threw. Each time their run is lost here and loaded anew, and what was decided beside them
 * is decided again: such a letter must not come back at once for ever, nor hold up the words behind it.
 *
 * K1  What a person or a program said is refused after few tries; the journal says why.
 * K2  What the engine promised to itself (a wake-up, the end of a child) is kept: it comes again, ever less often, and
 *     to the next program.
 * K3  Nothing is hidden: every throw goes on to the worker, which tells of it.
 */
import { type Backoff, backoffMs, type Clock, errorText } from '../base/index.ts';
import type { decide } from '../flow/index.ts';
import { faultData, type Input } from '../model/index.ts';

type Decide = typeof decide;
type Word = Extract<Input, { in: 'gate' | 'signal' | 'cancel' | 'drift' | 'erase' | 'replan' }>;

/** The second try is on a run that was loaded anew: what was wrong with the one in memory is no fault of the word. */
const MAX_TRIES = 2;
const AGAIN: Backoff = { firstMs: 1_000, factor: 2, maxMs: 60_000 };
/** Letters that are remembered: beyond it they are all tried anew. */
const MAX_KEPT = 10_000;

interface Kept {
  tries: number;
  untilMs: number;
  text: string;
}

export interface Choked {
  decide: Decide;
  /** It is not to be delivered now. */
  isPutOff(run: string, letter: string): boolean;
}

export function createChoked(decideWith: Decide, clock: Pick<Clock, 'monotonicMs'>): Choked {
  const kept = new Map<string, Kept>();
  const keyOf = (run: string, letter: string): string => JSON.stringify([run, letter]);

  function keep(key: string, input: Input, thrown: unknown): void {
    const tries = (kept.get(key)?.tries ?? 0) + 1;
    const untilMs = isWord(input) ? 0 : clock.monotonicMs() + backoffMs(AGAIN, tries, 0);
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(key, { tries, untilMs, text: errorText(thrown) });
  }

  return {
    isPutOff: (run, letter) => kept.size > 0 && (kept.get(keyOf(run, letter))?.untilMs ?? 0) > clock.monotonicMs(),
    decide(state, input, at) {
      const letter = 'letter' in input ? input.letter : undefined;
      if (letter === undefined || letter === '') return decideWith(state, input, at);
      const key = keyOf(state.run, letter);
      const before = kept.size > 0 ? kept.get(key) : undefined;
      const given = before !== undefined && before.tries >= MAX_TRIES && isWord(input) ? refused(input, before) : input;
      try {
        const decision = decideWith(state, given, at);
        if (before !== undefined) kept.delete(key);
        return decision;
      } catch (thrown) {
        keep(key, input, thrown);
        throw thrown;
      }
    },
  };
}

function isWord(input: Input): input is Word {
  return ['gate', 'signal', 'cancel', 'drift', 'erase', 'replan'].includes(input.in);
}

function refused(word: Word, { tries, text }: Kept): Input {
  const { letter = '', by } = word;
  const about = 'signal' in word ? ` ${word.signal}` : 'step' in word ? ` ${word.step}` : '';
  const fault = faultData('internal', `it could not be decided on, ${tries} times: ${text}`);
  const id = 'id' in word && typeof word.id === 'string' ? word.id : letter;
  return {
    in: 'refused',
    id,
    what: `${word.in}${about}`,
    by: typeof by?.id === 'string' ? by : undefined,
    fault,
    letter,
  };
}
