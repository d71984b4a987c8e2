/**
 * decide: one input, the events it brings about, and the commands to perform once they are written.
 * Pure: no clock, no chance, no I/O. The rooms do the work; this file hands it from one to the next.
 */
import { canonicalJson, Fault } from '../base/index.ts';
import {
  codeAskedOf,
  type Decision,
  type Deciding,
  erasedData,
  type Input,
  goalSkill,
  isFoundFor,
  isSameCode,
  lacksPlan,
  presentId,
  type RunState,
  type SkillView,
  startDeciding,
  type StepState,
  type Todo,
} from '../model/index.ts';
import { admit, carry } from './admit/index.ts';
import { agree } from './agree/index.ts';
import { answered, askPanel, begin, found, heard, reclaim, reconciled, resume, wanted } from './attempt/index.ts';
import { heal, isSetAside, leaveDue, wayDue } from './heal/index.ts';
import { letter } from './letter.ts';
import { advance, answerProblem, asked, openInside, replan, replanned } from './plan/index.ts';
import { begun, branchEnded, end, rejoin, returned, settle, turned, undoAgain, undone } from './settle/index.ts';
import { emit } from '../model/index.ts';

/** No input brings about more hand-overs than this: more is a loop between rooms. */
const MAX_TODOS = 1_000_000;

export function decide(state: RunState, input: Input, at: number): Decision {
  const d = startDeciding(state, at, input.in);
  if (state.phase !== 'ended' || input.in === 'erase')
    take(d, state.renamed.size === 0 ? input : addressed(state, input));
  for (let i = 0; i < d.todo.length; i++) {
    if (i > MAX_TODOS) throw new Fault('internal', `decide does not come to an end on '${input.in}'`);
    hand(d, d.todo[i]!);
  }
  return d;
}

/** What was sent to a step under its former id. */
function addressed(state: RunState, input: Input): Input {
  if (!('step' in input) || input.step === undefined) return input;
  const step = presentId(state, input.step);
  return step === input.step ? input : { ...input, step };
}

function take(d: Deciding, input: Input): void {
  switch (input.in) {
    case 'admit':
      return admit(d, input);
    case 'claim':
      emit(d, { type: 'run.claimed', worker: input.worker, epoch: input.epoch });
      d.barrier = true;
      // The worker before may have died over it.
      if (d.state.erased !== undefined) d.commands.push({ do: 'erase', seqs: d.state.erased });
      if (isSetAside(d)) return;
      if (lacksPlan(d.state)) returned(d, { fault: erasedData('the plan of this run'), unasked: [] });
      reclaim(d);
      undoAgain(d);
      return end(d, true);
    case 'rested':
      if (d.state.claims !== undefined && d.state.quarantine === undefined)
        emit(d, { type: 'run.rested', why: input.why });
      return;
    case 'restored':
      if (d.state.restoredMs === input.restoredMs) return;
      emit(d, { type: 'run.restored', restoredMs: input.restoredMs });
      d.barrier = true;
      return;
    case 'asked':
      return asked(d, input.asks, input.ran);
    case 'branch':
      return branchEnded(d, input);
    case 'turned':
      return turned(d, input.step, input.turns, input.done === true, input.fault);
    case 'returned':
      return returned(d, input);
    case 'candidates':
      return candidates(d, input);
    case 'answer':
      return answered(d, input);
    case 'ran': {
      const step = d.state.steps.get(input.step);
      if (step?.kind !== 'code' || step.settledSeq !== 0) return;
      if (input.of !== undefined && !isSameCode(codeAskedOf(step), input.of)) return;
      const fault = input.fault ?? answerProblem(d.state, step, input.data);
      d.todo.push({
        to: 'settle',
        step: step.id,
        out: fault === undefined ? 'ok' : 'failed',
        data: fault === undefined ? input.data : undefined,
        fault,
      });
      return;
    }
    case 'reconciled':
      return reconciled(d, input.step, input.n, input.happened, input.by, input.data, input.of);
    case 'undone':
      return undone(d, input.step, input.fault, input.cost);
    case 'begun':
      return begun(d, input.run, input.fault);
    case 'budget':
      if (input.say === 'wanted') wanted(d, input.child, input.id, input.amounts);
      else heard(d, input.id, input.granted);
      return;
    case 'fork':
      return carry(d, input.events);
    case 'replan':
      return replan(d, input);
    case 'refused': {
      const { id, what, by, fault } = input;
      return emit(d, { type: 'letter.refused', id, what, by, fault });
    }
    case 'erase':
    case 'timer':
    case 'signal':
    case 'gate':
    case 'cancel':
    case 'child':
    case 'drift':
      return letter(d, input);
  }
}

function hand(d: Deciding, todo: Todo): void {
  switch (todo.to) {
    case 'advance':
      return advance(d, todo.scope, todo.settled);
    case 'replanned':
      return replanned(d, todo.redo);
    case 'return':
      return returned(d, { ...todo, unasked: [] });
    case 'end':
      return end(d);
    case 'leave':
      return leaveDue(d, todo.step);
    default:
      return handStep(d, todo);
  }
}

function handStep(d: Deciding, todo: Exclude<Extract<Todo, { step: string }>, { to: 'leave' }>): void {
  const step = d.state.steps.get(todo.step);
  if (step === undefined) return;
  switch (todo.to) {
    case 'begin':
      return begin(d, step, todo);
    case 'resume':
      return resume(d, step);
    case 'join':
      return rejoin(d, step);
    case 'agree':
      return agree(d, step);
    case 'ask':
      return askPanel(d, step, todo.asks);
    case 'heal':
      // That a way came to a bad end is heard once: after a take-over it may be looked at twice.
      if (todo.way !== undefined && (step.way !== todo.way || step.at === 'person')) return;
      return heal(d, step, todo.n, todo.fault);
    case 'way':
      return wayDue(d, step);
    case 'settle':
      return settle(d, step, todo);
    case 'inside':
      return openInside(d, step);
    case 'branch':
      return branchEnded(d, todo);
  }
}

function candidates(d: Deciding, input: Extract<Input, { in: 'candidates' }>): void {
  const { in: _in, of, ...facts } = input;
  const { skill, step: id, candidates } = facts;
  const step = id === undefined ? undefined : d.state.steps.get(id);
  // Found for a step that is settled by now.
  if (id !== undefined && (step === undefined || step.settledSeq !== 0)) return;
  if (of !== undefined && step !== undefined && !isFoundFor(step, of)) {
    // It is asked otherwise by now. Its own search was none, while this one was out.
    if (goalSkill(step, step.lesser) === skill) d.commands.push({ do: 'findCandidates', skill, step: step.id });
    return;
  }
  // The same agents for another goal are news: the step would ask for them for ever.
  const known = id === undefined ? d.state.skills.get(skill) : step?.view?.skill === skill ? step.view : undefined;
  const same =
    known !== undefined &&
    (known.choice ?? false) === (facts.choice ?? false) &&
    saysAsMuch(known, facts, step) &&
    canonicalJson(known.candidates) === canonicalJson(candidates);
  if (!same) emit(d, { type: 'candidates.found', ...facts });
  found(d, skill, id);
}

/** That there are more than those shown, or none. After a try it is news again: the step looked for them because of it. */
function saysAsMuch(known: SkillView & { tries?: number }, { more }: { more?: number }, step?: StepState): boolean {
  if (known.more === undefined || more === undefined) return known.more === more;
  return step === undefined || known.tries === step.tries;
}
