/** Exit codes: one table, from a fault's code to what a script sees. */
import type { Fault, FaultCode } from '../../base/index.ts';

export const EXITS = {
  done: 0,
  /** It ran, and the answer is no: a run failed, a journal is not what was written, two runs differ. */
  no: 1,
  /** Called wrongly: options, input, configuration, plan. */
  wrong: 2,
  fault: 3,
  notFound: 4,
  /** Somebody without the right, or at the wrong moment. */
  refused: 5,
  /** The store or a journal in it. */
  store: 6,
  /** Left by Ctrl-C: as shells say it. */
  left: 130,
} as const;

export const exitWords: Record<number, string> = {
  [EXITS.done]: 'done',
  [EXITS.no]: 'the answer is no',
  [EXITS.wrong]: 'called wrongly: options, input, configuration or plan',
  [EXITS.fault]: 'another fault; its code is printed',
  [EXITS.notFound]: 'there is no such run, workflow, agent or file',
  [EXITS.refused]: 'refused: a right is missing, or this is not the moment',
  [EXITS.store]: 'the store, or a journal in it, is in trouble',
  [EXITS.left]: 'left with Ctrl-C',
};

const byCode: Partial<Record<FaultCode, number>> = {
  'plan.invalid': EXITS.wrong,
  'not-found': EXITS.notFound,
  'workflow.unknown': EXITS.notFound,
  'agent.none': EXITS.notFound,
  'rights.missing': EXITS.refused,
  conflict: EXITS.refused,
  'payload.erased': EXITS.refused,
  'journal.broken': EXITS.store,
};

/** The first part of a code, where all of its kind are one. */
const byFamily: Record<string, number> = { input: EXITS.wrong, store: EXITS.store };

export function exitOf(fault: Fault): number {
  return byCode[fault.code] ?? byFamily[fault.code.split('.')[0]!] ?? EXITS.fault;
}
