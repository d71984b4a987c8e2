/**
 * Plan, for workflows as code: the code asks for steps, and each is matched with what the journal holds.
 *
 * I1  A step is known by its id alone; nothing is matched by position.
 * I2  A settled step asked again with the same hash gives its result again, and nothing is worked.
 * I3  With another hash it is drift: keep, redo, or a person decides; until then the step gives nothing.
 * I4  An open step asked again with another hash is worked anew, unless an effect of it may have happened
 *     (or turns of a loop follow from the former input): then that is drift too.
 * I5  Where the scope has settled, its code may still run on for a moment: what it asks is not begun.
 * I6  What was open when the run was taken over goes on only when the code asks for it again: code that
 *     no longer wants a step pays for no more of it.
 */
import { type FaultData, type Json, scopeOf } from '../../base/index.ts';
import {
  codeAskedOf,
  type Deciding,
  emit,
  faultData,
  type RunState,
  type StepAsk,
  type StepState,
} from '../../model/index.ts';
import { begin, renew, settleAtOnce } from './anew.ts';
import { handleDrift, withdrawDrift } from './drift.ts';
import { openComposite, rearm, rearmRenamed, release } from './release.ts';
import { changedSpec, hasActed, isBranching, isComposite, isSame, losesActs } from './same.ts';

type Ran = { data?: Json; fault?: FaultData } | undefined;

export function asked(d: Deciding, asks: readonly StepAsk[], ran: readonly Ran[] = []): void {
  for (let i = 0; i < asks.length; i++) askedOne(d, asks[i]!, ran[i]);
}

function askedOne(d: Deciding, ask: StepAsk, ran: Ran): void {
  const step = d.state.steps.get(ask.step) ?? renamed(d, ask);
  if (step === undefined) {
    if (inSettledScope(d.state, ask.step)) return tellOver(d, ask);
    return ran === undefined ? begin(d, ask) : settleAtOnce(d, ask, ran);
  }
  const same = isSame(step, ask);
  if (same) withdrawDrift(d, step);
  if (step.settledSeq !== 0) return askedSettled(d, step, ask, same);
  if (same) return attach(d, step, ask);
  askedOtherwise(d, step, ask);
}

/** Only composites make scopes; one that is settled, or gone with one that is, works nothing any more. */
export function inSettledScope(state: RunState, id: string): boolean {
  const scope = scopeOf(id);
  if (scope === '') return false;
  const around = state.steps.get(scopeOf(scope));
  return around === undefined || around.settledSeq !== 0;
}

function tellOver(d: Deciding, ask: StepAsk): void {
  const fault = faultData('step.cancelled', 'its scope has ended');
  d.commands.push({ do: 'release', step: ask.step, seq: d.state.head, out: 'cancelled', fault });
}

function renamed(d: Deciding, ask: StepAsk): StepState | undefined {
  if (ask.was === undefined) return undefined;
  const was = [ask.was, ask.wasAlso].find((id) => id !== undefined && d.state.steps.has(id));
  if (was === undefined) return undefined;
  emit(d, { type: 'step.renamed', step: ask.step, was });
  rearmRenamed(d, ask.step, was);
  return d.state.steps.get(ask.step);
}

function askedSettled(d: Deciding, step: StepState, ask: StepAsk, same: boolean): void {
  if (same) return release(d, step);
  // A cancelled or skipped step gave nothing that could be inconsistent.
  if ((step.out === 'cancelled' || step.out === 'skipped') && !hasActed(d, step)) return renew(d, step, ask, 'drift');
  const why =
    step.kind === ask.kind
      ? 'its input, output schema, skill or effect class differs from what was settled'
      : `it was a step of the kind ${step.kind} and is now asked as ${ask.kind}`;
  drift(d, step, ask, why);
}

/** An open step that the code asks for again: what is volatile about it starts again. */
function attach(d: Deciding, step: StepState, ask: StepAsk): void {
  const spec = changedSpec(step, ask);
  const isNews = step.asleep === true || spec !== undefined;
  if (isNews) emit(d, { type: 'step.resumed', step: step.id, spec });
  if (spec !== undefined) rearm(d, step.id);
  goOn(d, step, isNews);
}

function goOn(d: Deciding, step: StepState, isNews: boolean): void {
  if (isComposite(step.kind)) openComposite(d, step);
  else if (step.kind === 'code')
    d.commands.push({ do: 'runCode', step: step.id, ...codeAskedOf(step), data: step.input });
  else if (isNews) d.todo.push({ to: 'resume', step: step.id });
}

function askedOtherwise(d: Deciding, step: StepState, ask: StepAsk): void {
  if (step.kind === 'wait' && ask.kind === 'wait') {
    // The wait goes on from where it began.
    emit(d, { type: 'step.resumed', step: step.id, hash: ask.hash, spec: ask.spec ?? {} });
    return rearm(d, step.id);
  }
  if (isBranching(step.kind) && isBranching(ask.kind)) {
    if (!losesActs(d.state, step, ask)) return begin(d, ask);
    return drift(d, step, ask, 'an item changed whose branch has had effects');
  }
  const turned = step.kind === 'loop' && (step.turn ?? 0) > 0;
  if (!turned && !hasActed(d, step)) return renew(d, step, ask, 'input');
  const why = turned
    ? 'its turns so far follow from what it began with'
    : 'an effect of it may already have happened with the former input';
  drift(d, step, ask, why);
}

/** Found, and kept or worked anew where the author says so; else a person decides. */
export function drift(d: Deciding, step: StepState, ask: StepAsk, why: string): void {
  const choice = handleDrift(d, step, ask, why);
  if (choice === 'redo') renew(d, step, ask, 'drift');
  else if (choice === 'keep') keep(d, step);
}

/** What stands goes on as it is. */
export function keep(d: Deciding, step: StepState): void {
  if (step.settledSeq !== 0) release(d, step);
  else if (d.state.plan === undefined) goOn(d, step, true);
  else if (isHeldUp(step)) d.todo.push({ to: 'resume', step: step.id });
}

/** In a plan its calls went on while a person decided, but none began, and nobody was asked about one that is unknown. */
function isHeldUp({ attempts, graft }: StepState): boolean {
  return attempts !== undefined && graft === undefined && attempts.every((one) => one.status !== 'open');
}

/** A person has chosen (`ask` is what the drift was about). `redo` of something that may have acted is the person's own word. */
export function driftAnswered(d: Deciding, step: StepState, ask: StepAsk | undefined, choice: 'keep' | 'redo'): void {
  const inPlan = d.state.plan !== undefined;
  if (choice === 'keep') {
    keep(d, step);
    if (inPlan) d.todo.push({ to: 'advance', scope: scopeOf(step.id) });
  } else if (inPlan || ask !== undefined) renew(d, step, ask, 'drift');
}
