/** What the checkers look for. Every one is shown by a planted bug (teeth) that it can fail. */

export const checks = {
  'journal.acked': 'what was acknowledged with a barrier is in the journal, at its place, unchanged',
  'journal.chain': 'the chain of every journal verifies, payloads too',
  'journal.epoch': 'nothing is appended after a newer epoch, and every epoch begins with its claim',
  'claim.live': 'a run is taken only from an owner that is dead or whose lease has run out',
  'claim.able': 'a run is taken only by a worker that has its workflow in its version',
  'letters.kept': 'no letter is lost: taken by its run, or still there',
  'settled.once': 'a settled step is neither settled nor begun again',
  'settled.worked': 'no call begins for a step that was settled before its intent',
  'attempt.once': 'an attempt begins once and ends once',
  'plan.order': 'in a plan no step is asked before what it comes after, and none is left when it completes',
  'late.output': 'what came after the step was settled is never its output',
  'join.frozen': 'the inputs of a join are frozen once, and nothing is added afterwards',
  'effect.intent': 'the intent of every call that is not pure is on disk before the call',
  'effect.keyed': 'no effect twice at a sink that honours keys',
  'effect.repeated': 'no effect silently repeated at a sink that does not',
  'effect.elsewhere': 'an unknown effect moves nowhere before it is reconciled',
  'effect.ungated': 'nothing irreversible without the word of a person who has the right',
  'undo.order': 'an abort undoes in reverse order',
  'undo.whole':
    'after an abort no reversible effect is left; without one only what landed for cancelled steps is undone',
  'budget.held': 'spent and held never exceed the limit when a call begins or a child is lent to',
  'budget.spent': 'a tree of runs never spends more than its budget',
  'rights.kept': 'only the word of a principal with the right is taken',
  'heard.once': 'one message is taken once',
  'wait.early': 'no wait ends before its time',
  'run.ends': 'every run ends, or waits for something that has a name',
  'run.continued': 'a run is carried on by one other run at most, a step has one child at most',
  'cancel.reaches': 'what is cancelled tells its children, and they stop',
  'fold.live': 'the fold of the journal is the live state',
  'fold.snapshot': 'a snapshot is the fold of the journal up to it',
  'poison.aside': 'a run that took eight workers down, with nothing come of it, is set aside and not tried for ever',
  'poison.needless': 'no run is set aside with which fewer than eight workers were lost in a row',
  'poison.still': 'of a run that is set aside nothing begins until somebody says so',
  'failure.told': 'every failure ends healed or escalated, or its step was cancelled: none is silent',
  'output.equal': 'the outcome and output are those of a run without crashes',
  'release.order': 'the code gets results in the order of the journal',
  'drift.none': 'unchanged code finds no drift and leaves no orphan',
  'drift.told': 'what drifts is decided by the author, or a person is asked: none is silent',
  'orphan.exact': 'of edited code, the settled steps that it no longer asks for are orphaned, and no others',
  'settled.again': 'edited code works nothing again that was settled, unless the edit says so',
  'output.edited': 'a run whose code was edited comes to what a user would want of that edit',
  'answer.true': 'what a client was told is what the journal says',
  'replay.equal': 'decided again from its journal alone, a run comes to the same events',
  'trouble.none': 'no internal fault, no broken journal, no stuck code',
  'trace.same': 'the same seed gives the same trace',
} as const;

export type CheckId = keyof typeof checks;

export interface Finding {
  check: CheckId;
  run?: string;
  what: string;
}

/** Keeps what was found; the first few say enough. */
export interface Findings {
  add(check: CheckId, run: string | undefined, what: string): void;
  readonly list: readonly Finding[];
}

const MOST = 20;

export function createFindings(say: (line: string) => void): Findings {
  const list: Finding[] = [];
  return {
    list,
    add(check, run, what) {
      if (list.length >= MOST) return;
      list.push({ check, run, what });
      say(`!! ${check} ${run ?? ''} ${what}`);
    },
  };
}
