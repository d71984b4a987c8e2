/**
 * Heal: a run that takes its workers down with it. No failure of it is ever heard: whoever takes it up dies. So takes
 * are counted of which nothing came (a step settled, an answer, a letter), and at so many the run is set aside.
 *
 * Q1  Set aside, nothing of it begins: no call, no code, no undo. What persons, timers and other runs say is still heard.
 * Q2  It is told as a failure that was escalated to a person, with what was under way. `approve` lets it go on, `edit`
 *     also gives the result of the one step that was under way, `deny` ends the run; a cancel and its deadline end it too.
 */
import {
  type CutMember,
  type Deciding,
  emit,
  faultData,
  goalSkill,
  type Input,
  type RunState,
  type StepState,
  WHOLE_RUN,
} from '../../model/index.ts';
import { reclaim } from '../attempt/index.ts';
import { end, returned, undoAgain } from '../settle/index.ts';

/**
 * Takes in a row of which nothing came. Workers die for other reasons too, all that they have with them; the last
 * of these takes are of a run that had its worker to itself (site/suspects.ts), and each one costs a worker.
 */
export const MAX_CLAIMS = 8;
/** Of what was under way, the journal names so many. */
const MAX_OPEN = 16;

/** It was just taken over. True: it stays aside, and nothing of it begins. */
export function isSetAside(d: Deciding): boolean {
  const { state } = d;
  if (state.quarantine !== undefined) return true;
  const { claims = 0 } = state;
  if (claims < MAX_CLAIMS || state.phase === 'new' || state.phase === 'ended') return false;
  const open = underWay(state);
  const [one, ...others] = open;
  const what =
    one === undefined
      ? 'the code of the workflow, between its steps'
      : `'${one.step}'${others.length === 0 ? '' : ` and ${others.length} more`}`;
  const fault = faultData(
    'run.poison',
    `run ${state.run} was taken up ${claims} times and nothing came of it: each worker that had it was lost; under way: ${what}`,
    'never',
    { claims, worker: state.worker },
  );
  emit(d, { type: 'run.quarantined', claims, fault });
  emit(d, { type: 'fault.escalated', step: WHOLE_RUN, to: 'person', fault, cut: open });
  return true;
}

/** What somebody was at work on, the first so many. */
function underWay({ steps, effects }: RunState): CutMember[] {
  const open: CutMember[] = [];
  for (const step of steps.values()) {
    if (open.length === MAX_OPEN) return open;
    const out = step.attempts?.find((a) => a.status === 'open' || a.status === 'unknown');
    if (out !== undefined) {
      const { agent, n } = out;
      open.push({ agent, step: step.id, skill: goalSkill(step, out.lesser), why: `its call ${n} was out` });
    } else if (isCode(step)) open.push({ agent: '', step: step.id, why: 'a local function' });
  }
  for (const { step, agent, skill, state } of effects)
    if (state === 'undoing' && open.length < MAX_OPEN) open.push({ agent, step, skill, why: 'it was being undone' });
  return open;
}

function isCode(step: StepState): boolean {
  return step.kind === 'code' && step.settledSeq === 0;
}

/** A person's word on it. */
export function quarantineAnswered(d: Deciding, input: Extract<Input, { in: 'gate' }>): void {
  const { state } = d;
  const { quarantine, claims = MAX_CLAIMS } = state;
  const { id, choice, by, reason, data } = input;
  const open = underWay(state).map((one) => state.steps.get(one.step ?? ''));
  const only = open.length === 1 && open[0]?.settledSeq === 0 ? open[0] : undefined;
  if (quarantine === undefined || (choice === 'edit' && only === undefined)) {
    const why =
      quarantine === undefined ? 'the run is not set aside' : 'not one step alone was under way: approve or deny';
    const fault = faultData('conflict', why);
    return emit(d, {
      type: 'letter.refused',
      id,
      what: `${choice === 'edit' ? 'edit' : 'gate'} ${WHOLE_RUN}`,
      by,
      fault,
    });
  }
  d.barrier = true;
  emit(d, { type: 'gate.answered', step: WHOLE_RUN, id, choice, by, reason, data });
  if (choice === 'deny') return giveUp(d, quarantine.fault);
  const tookMs = d.at - quarantine.sinceMs;
  emit(d, { type: 'fault.healed', step: WHOLE_RUN, by: 'person', tries: claims, tookMs });
  if (choice === 'edit') d.todo.push({ to: 'settle', step: only!.id, out: 'ok', data });
  goOn(d);
}

/** Q2. Undo that is under way is given up with it: it may be what took the workers down. */
function giveUp(d: Deciding, fault: ReturnType<typeof faultData>): void {
  emit(d, { type: 'fault.escalated', step: WHOLE_RUN, to: 'run', fault, cut: underWay(d.state) });
  for (const done of d.state.effects)
    if (done.state === 'undoing') emit(d, { type: 'undo.ended', step: done.step, fault });
  returned(d, { fault, unasked: [] });
  goOn(d);
}

/** As after a take-over: everything volatile begins again, or is found out. */
export function goOn(d: Deciding): void {
  reclaim(d);
  undoAgain(d);
  end(d, true);
}
