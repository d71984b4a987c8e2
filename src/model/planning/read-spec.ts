/** A step's spec from its words: everything that decisions about it need. */
import type { StepSpec } from '../words.ts';
import { amountsFrom, durationMs } from './measures.ts';
import type { KindWord, StepWords } from './words.ts';

export function specOf(kind: KindWord, words: StepWords): StepSpec | undefined {
  const spec: StepSpec = { ...worker(kind, words) };
  if (words.agent !== undefined) spec.agent = words.agent;
  if (words.class !== undefined) spec.effect = words.class;
  if (words.agree !== undefined) spec.agree = words.agree as StepSpec['agree'];
  if (words.retry !== undefined) spec.retry = retryOf(words.retry);
  if (words.timeout !== undefined) {
    if (kind === 'gate' || kind === 'signal') spec.waitMs = durationMs(words.timeout);
    else spec.timeoutMs = durationMs(words.timeout);
  }
  if (words.deadline !== undefined) spec.deadlineMs = durationMs(words.deadline);
  if (words.ceiling !== undefined) spec.ceiling = amountsFrom(words.ceiling);
  if (words.prefer !== undefined) spec.prefer = words.prefer;
  if (words.hedge !== undefined) spec.hedge = words.hedge;
  if (words.budget !== undefined) spec.budget = amountsFrom(words.budget);
  if (words.lesser !== undefined)
    spec.lesser = words.lesser.map((goal) =>
      typeof goal === 'string' ? { skill: goal } : { skill: goal.ask, ...(goal.agent && { agent: goal.agent }) },
    );
  if (words.cost !== undefined) spec.cost = words.cost;
  if (words.takes !== undefined) spec.takesMs = durationMs(words.takes);
  if (words.stays !== undefined) spec.stays = words.stays;
  if (words.person !== undefined) spec.person = words.person;
  if (words.right !== undefined) spec.right = words.right;
  if (kind !== 'gate' && typeof words.gate === 'string') spec.gate = words.gate;
  if (kind !== 'gate' && typeof words.gate === 'object' && words.gate.right !== undefined)
    spec.right = words.gate.right;
  if (words.width !== undefined) spec.width = words.width;
  if (words.turns !== undefined) spec.maxTurns = words.turns;
  if (words.drift !== undefined) spec.drift = words.drift;
  return Object.keys(spec).length === 0 ? undefined : spec;
}

function worker(kind: KindWord, words: StepWords): StepSpec {
  switch (kind) {
    case 'ask':
    case 'effect':
    case 'plan':
      return words[kind] === undefined ? {} : { skill: words[kind] };
    case 'code':
      return { code: words.code! };
    case 'signal':
      return { signal: words.signal! };
    case 'wait':
      return typeof words.wait === 'object' ? {} : { waitMs: durationMs(words.wait!) };
    case 'workflow': {
      if (typeof words.workflow === 'string') return { workflow: words.workflow };
      const { name, version } = words.workflow!;
      return version === undefined ? { workflow: name } : { workflow: name, version };
    }
    case 'gate':
      return gateOf(words.gate!);
    case 'map':
      return words.need === undefined ? {} : { join: words.need };
    case 'loop':
      return {};
  }
}

/** `gate: 'sre'` is short for the right to answer it. */
function gateOf(gate: NonNullable<StepWords['gate']>): StepSpec {
  if (typeof gate === 'string') return { right: gate };
  const spec: StepSpec = {};
  if (gate.right !== undefined) spec.right = gate.right;
  if (gate.timeout !== undefined) spec.waitMs = durationMs(gate.timeout);
  return spec;
}

function retryOf({ tries, first, factor, max }: NonNullable<StepWords['retry']>): StepSpec['retry'] {
  const retry: NonNullable<StepSpec['retry']> = {};
  if (tries !== undefined) retry.tries = tries;
  if (first !== undefined) retry.firstMs = durationMs(first);
  if (factor !== undefined) retry.factor = factor;
  if (max !== undefined) retry.maxMs = durationMs(max);
  return retry;
}
