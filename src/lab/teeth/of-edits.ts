/** Planted: what goes wrong only where the code of a run changes while it runs. */
import type { Input, RunState } from '../../model/index.ts';
import { wrongDecision, wrongState } from './deciding.ts';
import type { Tooth } from './tooth.ts';

export const editTeeth: readonly Tooth[] = [
  wrongState(
    'drift unsaid',
    'a settled step that is asked otherwise gives its former result, and nobody is told',
    ['drift.told', 'output.edited'],
    (state, input) => {
      for (const { step, ask } of asksOf(state, input))
        if (step.settledSeq !== 0 && step.kind === ask.kind) step.hash = ask.hash;
    },
  ),
  wrongState('person overruled', 'a person says redo, and keep is heard', ['output.edited'], (_, input) =>
    input.in === 'drift' && input.choice === 'redo' ? { ...input, choice: 'keep' } : undefined,
  ),
  wrongState('orphans unsaid', 'what the code no longer asks for is not orphaned', ['orphan.exact'], (_, input) =>
    input.in === 'returned' ? { ...input, unasked: [] } : undefined,
  ),
  wrongState(
    'former names forgotten',
    'a renamed step is another step: it is worked again',
    ['settled.again'],
    (_, input) =>
      input.in === 'asked'
        ? { ...input, asks: input.asks.map((ask) => ({ ...ask, was: undefined, wasAlso: undefined })) }
        : undefined,
  ),
  wrongDecision('drift told to nobody', 'a step drifts, and no person is asked', ['drift.told'], () => ({
    after(d) {
      d.events = d.events.filter((e) => e.type !== 'fault.escalated' || e.fault.code !== 'step.drift');
    },
  })),
];

/** What is asked of steps that are known. */
function asksOf(state: RunState, input: Input) {
  if (input.in !== 'asked') return [];
  return input.asks.flatMap((ask) => {
    const step = state.steps.get(ask.step);
    return step === undefined ? [] : [{ step, ask }];
  });
}
