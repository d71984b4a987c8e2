/** Edits after which a step is not what was settled: drift, and what is chosen. */
import { z } from 'zod';
import { type Edit, of, type Played } from '../trial/index.ts';
import { assertNone, assertOne } from './steps.ts';

/** The fault names the step and both hashes; a person's word is in the journal. */
function drifted(step: string): (played: Played) => void {
  return ({ drifts, all }) => {
    assertOne(
      drifts.map((e) => e.step),
      step,
    );
    const told = of(all, 'fault.escalated').find((e) => e.fault.code === 'step.drift');
    if (told?.fault.detail?.['had'] !== drifts[0]!.had || told.fault.detail['has'] !== drifts[0]!.has)
      throw new Error('the fault does not name both hashes');
    assertOne(
      of(all, 'drift.answered').map((e) => e.by.id),
      'operator',
    );
  };
}

export const driftEdits: Edit[] = [
  {
    name: 'another input of a settled step, kept',
    v1: async (run) => [await run.ask('a', 1), await run.ask('hold')],
    v2: async (run) => [await run.ask('a', 2), await run.ask('hold')],
    drift: 'keep',
    again: ['hold()'],
    output: ['a(1)', 'hold()'],
    orOutputs: [['a(2)', 'hold()']],
    check: drifted('a'),
  },
  {
    name: 'another input of a settled step, redone',
    v1: async (run) => [await run.ask('a', 1), await run.ask('hold')],
    v2: async (run) => [await run.ask('a', 2), await run.ask('hold')],
    drift: 'redo',
    again: ['a(2)', 'hold()'],
    output: ['a(2)', 'hold()'],
    check: drifted('a'),
  },
  {
    name: 'another input of a settled step, the author says keep',
    v1: async (run) => [await run.ask('a', 1), await run.ask('hold')],
    v2: async (run) => [await run.ask('a', 2, { drift: 'keep' }), await run.ask('hold')],
    again: ['hold()'],
    output: ['a(1)', 'hold()'],
    orOutputs: [['a(2)', 'hold()']],
  },
  {
    name: 'another input of a settled step, the author says redo',
    v1: async (run) => [await run.ask('a', 1), await run.ask('hold')],
    v2: async (run) => [await run.ask('a', 2, { drift: 'redo' }), await run.ask('hold')],
    again: ['a(2)', 'hold()'],
    output: ['a(2)', 'hold()'],
  },
  {
    name: 'another input of an open step: only the new one is asked',
    v1: async (run) => [await run.ask('a', 1), await run.ask('hold', 1)],
    v2: async (run) => [await run.ask('a', 1), await run.ask('hold', 2)],
    again: ['hold(2)'],
    output: ['a(1)', 'hold(2)'],
    check: ({ drifts }) => assertNone(drifts),
  },
  {
    name: 'another output schema',
    v1: async (run) => [await run.ask('a', 1, { output: z.string() }), await run.ask('hold')],
    v2: async (run) => [await run.ask('a', 1, { output: z.string().min(1) }), await run.ask('hold')],
    drift: 'keep',
    again: ['hold()'],
    output: ['a(1)', 'hold()'],
    check: drifted('a'),
  },
  {
    name: 'another effect class',
    v1: async (run) => [await run.ask('a', 1), await run.ask('hold')],
    v2: async (run) => [await run.ask('a', 1, { effect: 'idempotent' }), await run.ask('hold')],
    drift: 'redo',
    // Its sink honours no key and cannot be asked: after a crash in the middle a person must say.
    person: ({ site }) => site.deny('r', 'a'),
    again: ['a(1)', 'hold()'],
    output: ['a(1)', 'hold()'],
    check: drifted('a'),
  },
  {
    name: 'another skill under the same name',
    v1: async (run) => [await run.ask('a', 1, { name: 'x' }), await run.ask('hold')],
    v2: async (run) => [await run.ask('b', 1, { name: 'x' }), await run.ask('hold')],
    drift: 'redo',
    again: ['b(1)', 'hold()'],
    output: ['b(1)', 'hold()'],
    check: drifted('x'),
  },
  {
    name: 'another kind under the same name, settled',
    v1: async (run) => [await run.code('x', () => 'mine'), await run.ask('hold')],
    v2: async (run) => [await run.ask('a', undefined, { name: 'x' }), await run.ask('hold')],
    drift: 'redo',
    again: ['a()', 'hold()'],
    output: ['a()', 'hold()'],
    check: drifted('x'),
  },
  {
    name: 'another kind under the same name, kept once and for all',
    v1: async (run) => [await run.code('x', () => 'mine'), await run.ask('hold')],
    v2: async (run) => [typeof (await run.random('x')), await run.ask('hold')],
    drift: 'keep',
    again: ['hold()'],
    output: ['string', 'hold()'],
    orOutputs: [['number', 'hold()']],
    check: drifted('x'),
  },
  {
    name: 'another kind under the same name, open: nothing of it was worked, so it is simply worked',
    v1: async (run) => [await run.ask('a', 1), await run.ask('hold', 1, { name: 'x' })],
    v2: async (run) => [await run.ask('a', 1), await run.code('x', () => 'mine')],
    again: [],
    output: ['a(1)', 'mine'],
    check: ({ drifts }) => assertNone(drifts),
  },
  {
    name: 'what a failed step was asked',
    v1: async (run) => {
      const first = await run.ask('fail', 1, { name: 'x' }).catch(() => 'failed');
      return [first, await run.ask('hold')];
    },
    v2: async (run) => [await run.ask('a', 1, { name: 'x' }).catch(() => 'failed'), await run.ask('hold')],
    drift: 'redo',
    again: ['a(1)', 'hold()'],
    output: ['a(1)', 'hold()'],
  },
  {
    name: 'what a gate showed, after it was passed',
    v1: async (run) => [
      (await run.gate('ok', { show: 1 }).catch(() => ({ choice: 'none' }))).choice,
      await run.ask('hold'),
    ],
    v2: async (run) => [(await run.gate('ok', { show: 2 })).choice, await run.ask('hold')],
    again: ['hold()'],
    output: ['approve', 'hold()'],
    person: ({ site }) => site.approve('r', 'ok'),
    check: ({ drifts }) => assertNone(drifts),
  },
];
