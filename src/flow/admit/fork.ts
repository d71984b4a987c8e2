/**
 * Admit: a fork begins with what the run it came from had settled, said again in its own journal.
 *
 * F1  A settled step comes with its output and is not worked again; so do a loop's turns and a map's branches.
 * F2  What was open is asked again: by the code, or, where a plan asked for it, as it stood.
 * F3  Effects come as facts. They happened under the other run's keys, and are not undone here.
 */
import { isOfStep, type Json } from '../../base/index.ts';
import {
  type Deciding,
  emit,
  type Event,
  holdsErased,
  isErased,
  isErasedPlan,
  type RunState,
  type StepKind,
  type StepState,
} from '../../model/index.ts';

/** Steps that wait for their time, or for somebody. */
const CLOCKED = new Set<StepKind>(['wait', 'signal', 'gate']);

/** Takes them over. What is open in them goes on where it was. */
export function carry(d: Deciding, events: readonly Event[]): void {
  for (const event of events) emit(d, event);
  d.barrier = true;
  if (d.state.plan === undefined) return;
  // Calls begin with the claim, which follows.
  const open = [...d.state.open].map((id) => d.state.steps.get(id)!);
  for (const { id, kind } of open) if (CLOCKED.has(kind)) d.todo.push({ to: 'begin', step: id });
  d.todo.push({ to: 'replanned', redo: [] });
  for (const step of open) if (isOpened(step)) d.todo.push({ to: 'inside', step: step.id });
}

/** What a fork of a run in this state begins with. Steps to redo are left out, with all inside them. */
export function forkEvents(state: RunState, redo: readonly string[] = []): Event[] {
  const all = [...state.steps.values()];
  const gone = [...redo, ...all.filter(lacks).map((step) => step.id)];
  const again = (step: StepState) => gone.some((id) => isOfStep(step.id, id));
  const keepOpen = state.plan !== undefined;
  const steps = all.filter((step) => (keepOpen || step.settledSeq !== 0 || isOpened(step)) && !again(step));
  // A scope is asked before what stands in it; results come in the order they came.
  const asked = steps.filter((step) => step.out !== 'skipped').sort((a, b) => depth(a.id) - depth(b.id));
  const settled = steps.filter((step) => step.settledSeq !== 0).sort((a, b) => a.settledSeq - b.settledSeq);
  return [...asked.flatMap(askedEvents), ...settled.map(settledEvent), ...signals(state), ...effects(state)];
}

/** What it gave, or would go on with, was erased: it is asked again. Said again it would pass for a value. */
function lacks({ output, carry, graft, settledSeq, input, branches }: StepState): boolean {
  if (holdsErased(output) || isErased(carry) || (graft !== undefined && isErasedPlan(graft))) return true;
  if (settledSeq !== 0) return false;
  return isErased(input) || [...(branches?.values() ?? [])].some((branch) => holdsErased(branch.output));
}

/** A scope with something in it that counts. */
function isOpened(step: StepState): boolean {
  return step.kind === 'map' || step.kind === 'join' || step.kind === 'loop' || step.graft !== undefined;
}

/** And how far it has come. */
function askedEvents(step: StepState): Event[] {
  const { id, kind, hash, keptHash, labels, input } = step;
  const spec = Object.keys(step.spec).length > 0 ? step.spec : undefined;
  const events: Event[] = [{ type: 'step.asked', step: id, kind, hash: keptHash ?? hash, spec, labels, data: input }];
  if (step.settledSeq !== 0) return events;
  for (const [branch, { out, fault, output, labels }] of step.branches ?? [])
    events.push({ type: 'branch.ended', step: step.id, branch, out, fault, data: output, labels });
  if (step.frozen !== undefined) events.push({ type: 'join.frozen', step: step.id, inputs: step.frozen });
  if (step.way !== undefined) events.push({ type: 'way.taken', step: step.id, way: step.way, why: 'fork', cost: 0 });
  else if (step.graft !== undefined)
    events.push({ type: 'plan.grafted', step: step.id, data: step.graft as unknown as Json });
  if (step.turn !== undefined) events.push({ type: 'loop.turned', step: step.id, turn: step.turn, data: step.carry });
  return events;
}

function settledEvent({ id, kind, out, fault, lesser, output }: StepState): Event {
  if (out === 'skipped') return { type: 'step.skipped', step: id, kind, cause: fault?.message ?? '' };
  return { type: 'step.settled', step: id, out: out ?? 'cancelled', fault, lesser, data: output };
}

function signals({ signals, by }: RunState): Event[] {
  const events: Event[] = [];
  for (const [signal, waiting] of signals)
    for (const one of waiting) if (!isErased(one.data)) events.push({ type: 'signal.received', signal, by, ...one });
  return events;
}

function effects(state: RunState): Event[] {
  return state.effects
    .filter((done) => done.state !== 'undone')
    .map(({ step, agent, skill, key, effect, output }): Event => {
      return { type: 'effect.carried', step, agent, skill, key, effect, data: output };
    });
}

function depth(id: string): number {
  return id.split('/').length;
}
