/**
 * What the verbs of a site are given, checked before anything is done: a slip must not act as the operator, reach the
 * journal, or be passed over as if it held.
 */
import {
  anything,
  checkGiven,
  checkOptions,
  count,
  either,
  flag,
  object,
  oneOf,
  type Option,
  type Options,
  text,
  texts,
} from '../base/index.ts';
import { checkedAmounts } from '../model/index.ts';
import { isWorkflow } from './config/schema.ts';
import type { GateWord, Site } from './face.ts';
import type { ForkOptions } from './fork.ts';
import { moment, mustBeWorkflow, principal } from './options.ts';
import type { RunsOptions } from './runs.ts';

type Verb =
  | 'signal'
  | 'approve'
  | 'edit'
  | 'deny'
  | 'resolveDrift'
  | 'replan'
  | 'fork'
  | 'cancel'
  | 'erase'
  | 'runs'
  | 'stop';

const name: Option = { fits: (value) => text.fits(value) && value !== '', wants: 'a text that is not empty' };
const seq: Option = { fits: (value) => Number.isInteger(value) && (value as number) >= 0, wants: 'a whole number' };
const none: Option = { fits: (value) => value === null, wants: 'null' };
const flow: Option = { fits: isWorkflow, wants: 'a workflow' };
const names: Option = {
  fits: (value) => object.fits(value) && texts.fits(Object.values(value as object)),
  wants: 'an object of names of agents, by skill',
};
const toErase: Option = {
  fits: (value) => value === 'payloads' || (Array.isArray(value) && value.every(seq.fits)),
  wants: "'payloads', or a list of the numbers of events",
};

const SIGNAL: Options<NonNullable<Parameters<Site['signal']>[3]>> = { id: name, isNew: flag, by: principal };
const WORD: Options<GateWord> = { ...SIGNAL, reason: text, attempt: either(seq, none), value: anything };
const ERASE: Options<Parameters<Site['erase']>[2]> = { by: principal, reason: name };
const RUNS: Options<RunsOptions> = {
  status: oneOf('open', 'ended'),
  workflow: text,
  by: text,
  prefix: text,
  after: text,
  limit: count,
};
const FORK: Options<ForkOptions> = {
  at: seq,
  beforeStep: text,
  redo: texts,
  input: anything,
  workflow: flow,
  agents: names,
  allowEffects: flag,
  drift: oneOf('ask', 'keep', 'redo'),
  id: text,
  by: principal,
  goal: text,
  // Amounts are checked where they are used.
  budget: anything,
  deadlineMs: moment,
};

const CHECKS: { [V in Verb]: (...given: Parameters<Site[V]>) => void } = {
  signal(run, signal, _data, how) {
    mustBeRun(run);
    checkGiven(signal, name, 'the name of a signal');
    checkOptions(how, SIGNAL, 'the signal', signal);
  },
  approve: (run, step, word) => checkWord(run, step, word),
  edit: (run, step, _value, word) => checkWord(run, step, word),
  deny: (run, step, word) => checkWord(run, step, word),
  resolveDrift(run, step, choice, by, how) {
    mustBeRun(run);
    checkGiven(step, name, 'the step that has drifted');
    checkGiven(choice, oneOf('keep', 'redo', 'fork'), `what becomes of '${step}'`);
    mustBePrincipal(by, 'resolveDrift');
    checkOptions(how, { allowEffects: flag }, 'resolveDrift');
  },
  replan(run, plan, by) {
    mustBeRun(run);
    mustBeWorkflow(plan);
    mustBePrincipal(by, 'replan');
  },
  fork(run, how) {
    mustBeRun(run);
    checkOptions(how, FORK, 'the fork of', run);
    checkedAmounts(how?.budget, 'budget');
  },
  cancel(run, reason, by) {
    mustBeRun(run);
    checkGiven(reason, text, 'the reason of a cancel');
    mustBePrincipal(by, 'cancel');
  },
  erase(run, which, word) {
    mustBeRun(run);
    checkGiven(which, toErase, `what is to be erased of '${run}'`);
    checkOptions(word, ERASE, 'the erasing of', run);
    checkGiven(word?.reason, name, `the reason to erase of '${run}'`);
  },
  runs: (how) => checkOptions(how, RUNS, 'runs'),
  stop: (how) => checkOptions(how, { graceMs: count }, 'stop'),
};

/** The same site, which looks at what it is given first. */
export function checkedVerbs(site: Site): Site {
  for (const verb of Object.keys(CHECKS) as Verb[]) {
    const check = CHECKS[verb] as (...given: unknown[]) => void;
    const work = site[verb] as (...given: unknown[]) => Promise<unknown>;
    const checked = async (...given: unknown[]): Promise<unknown> => {
      check(...given);
      return work(...given);
    };
    Object.assign(site, { [verb]: checked });
  }
  return site;
}

/** A time that is none would never be over. */
export function checkUntil(step: string, how: { signal?: AbortSignal; timeoutMs?: number }): void {
  checkOptions(how, { signal: object, timeoutMs: count }, 'untilAsked', step);
}

function checkWord(run: string, step: string, word: GateWord | undefined): void {
  mustBeRun(run);
  checkGiven(step, name, 'the step to answer');
  checkOptions(word, WORD, 'the answer to', step);
}

function mustBeRun(run: unknown): void {
  checkGiven(run, name, 'the id of a run');
}

function mustBePrincipal(by: unknown, what: string): void {
  if (by !== undefined) checkGiven(by, principal, `who says '${what}'`);
}
