/** Settle: effects are undone, the last one first; an undo that fails is tried again, then a person is told. */
import { type Backoff, backoffMs, createSeededChance, type FaultData } from '../../base/index.ts';
import { type Amounts, type Deciding, type EffectDone, emit, setTimer, undoKey } from '../../model/index.ts';

/** An undo that keeps failing is left to a person after this many tries. */
export const UNDO_TRIES = 5;
const UNDO_BACKOFF: Backoff = { firstMs: 200, factor: 3, maxMs: 60_000 };
const UNDO_TIMER = 'undo|';

export function beginUndo(d: Deciding, done: EffectDone): void {
  emit(d, { type: 'undo.begun', step: done.step, agent: done.agent });
  d.barrier = true;
  commandUndo(d, done);
}

export function commandUndo(d: Deciding, done: EffectDone): void {
  d.commands.push({
    do: 'undo',
    step: done.step,
    agent: done.agent,
    skill: done.skill,
    key: undoKey(done),
    input: done.input,
    output: done.output,
    of: done.of,
  });
}

/** Its worker is gone: what it was undoing while the run went on is undone once more, whatever has become of its step. */
export function undoAgain(d: Deciding): void {
  if (d.state.phase !== 'running') return;
  for (const done of d.state.effects) if (done.state === 'undoing') commandUndo(d, done);
}

export function undone(d: Deciding, id: string, fault: FaultData | undefined, cost: Amounts | undefined): void {
  const done = d.state.effects.findLast((e) => e.step === id && e.state === 'undoing');
  if (done === undefined) return;
  d.barrier = true;
  if (fault !== undefined && done.tries < UNDO_TRIES && fault.retry !== 'never') {
    const draw = createSeededChance(`${d.state.seed}/undo/${id}/${done.tries}`).next();
    emit(d, { type: 'undo.ended', step: id, fault, cost, again: true });
    setTimer(d, `${UNDO_TIMER}${id}`, d.at + Math.max(fault.afterMs ?? 0, backoffMs(UNDO_BACKOFF, done.tries, draw)));
    return;
  }
  emit(d, { type: 'undo.ended', step: id, fault, cost });
  if (fault !== undefined)
    emit(d, {
      type: 'fault.escalated',
      step: id,
      to: 'run',
      fault,
      cut: [{ agent: done.agent, why: 'the undo failed' }],
    });
  // A step may wait for it, to go on another way.
  if (d.state.phase === 'running') d.todo.push({ to: 'leave', step: id });
  d.todo.push({ to: 'end' });
}

export function isUndoTimer(id: string): boolean {
  return id.startsWith(UNDO_TIMER);
}

export function undoDue(d: Deciding, timer: string): void {
  const id = timer.slice(UNDO_TIMER.length);
  const done = d.state.effects.findLast((e) => e.step === id && e.state === 'undoing');
  if (done !== undefined) beginUndo(d, done);
}
