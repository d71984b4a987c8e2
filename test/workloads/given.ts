/** A run that is decided by hand: inputs in, decisions out. */
import { decide } from '../../src/flow/index.ts';
import {
  type AdmitInput,
  type Candidate,
  type Decision,
  type Event,
  type Input,
  newRunState,
  type RunState,
  type StepAsk,
} from '../../src/model/index.ts';

export interface Given {
  state: RunState;
  /** Decides on an input, `afterMs` later than the last. */
  take(input: Input, afterMs?: number): Decision;
  ask(step: string, ask: Partial<StepAsk>, afterMs?: number): Decision;
}

export function given(admit: Partial<AdmitInput> = {}): Given {
  const state = newRunState('r');
  let at = 1_000;
  const own: Given = {
    state,
    take(input, afterMs = 1) {
      at += afterMs;
      return decide(state, input, at);
    },
    ask: (step, ask, afterMs) =>
      own.take({ in: 'asked', asks: [{ step, kind: 'ask', hash: 'h', spec: { skill: 's' }, ...ask }] }, afterMs),
  };
  const by = { id: 'me', rights: ['*'] };
  own.take({ in: 'admit', run: 'r', workflow: 'w', version: '1', by, seed: 's', engine: 'e', ...admit });
  own.take({ in: 'claim', worker: 'w1', epoch: 1 });
  return own;
}

/** Types of the events, for a look at the whole. */
export function types(decision: { events: readonly Event[] }): string[] {
  return decision.events.map((event) => event.type);
}

/** Candidates for the skill `s`, all pure unless said otherwise. */
export function candidates(...agents: (string | { agent: string; effect?: string; [fact: string]: unknown })[]): Input {
  const list = agents.map((one) => (typeof one === 'string' ? { agent: one } : one));
  return {
    in: 'candidates',
    skill: 's',
    position: 1,
    candidates: list.map((one) => Object.assign({ effect: 'pure', price: { money: 0 } }, one)) as Candidate[],
  };
}

export { decide } from '../../src/flow/index.ts';
