/** Attempt: calls to agents. Gates and budgets come before the intent; the intent before the call. */
import {
  addAmounts,
  type Amounts,
  type Ask,
  askedOf,
  type AskFacts,
  type AttemptState,
  canDraw,
  type Candidate,
  deadlineOf,
  type Deciding,
  type EffectClass,
  emit,
  faultData,
  agreesPlainly,
  goalSkill,
  hasCallOut,
  isAgreed,
  lacking,
  passOf,
  presentId,
  type StepState,
  type Todo,
} from '../../model/index.ts';
import {
  DEFAULT_ATTEMPT_MS,
  eligible,
  hasMore,
  lacksFacts,
  nobody,
  type Routed,
  skillView,
  worstCost,
} from '../route/index.ts';
import { passedThrough, questionOf } from './question.ts';
import { wantFromParent } from './budget.ts';
import { armHedge, hedgeDue } from './hedge.ts';
import { skillsAhead } from './ahead.ts';
import { shareMs } from './share.ts';
import { doubt, isAmbiguous, reconcile, repeatable } from './unknown.ts';
import { armDue } from './due.ts';
import { stepTimeLeft } from './limits.ts';

export function beginCall(d: Deciding, step: StepState, todo: Todo & { to: 'begin' }): void {
  const { state } = d;
  const fail = (fault: ReturnType<typeof faultData>) => d.todo.push({ to: 'heal', step: step.id, fault });
  if (hasCallOut(step) && step.panel === undefined) return;
  if (step.at === 'gated' || step.at === 'budget' || step.at === 'person' || step.at === 'drifted') return;
  if (state.deadlineMs !== undefined && d.at >= state.deadlineMs)
    return void fail(faultData('deadline.passed', 'the deadline of the run has passed'));
  // A panel that is open goes by the answers that it has.
  if (step.panel === undefined && !stepTimeLeft(d, step))
    return void fail(faultData('deadline.passed', `the deadline of step '${step.id}' has passed`));
  if (lacksFacts(state, step)) {
    return findFacts(d, step);
  }
  if (isAgreed(state.engine, step.spec.agree)) return void d.todo.push({ to: 'agree', step: step.id });
  const { routed, cut, refused } = eligible(state, step, 1);
  const again = todo.agent === undefined ? undefined : sameAgain(d, step, todo.agent);
  if (again === undefined && todo.agent !== undefined) {
    const last = step.attempts?.findLast((a) => a.agent === todo.agent);
    if (last?.status === 'failed' && isAmbiguous(step, last, last.fault)) return doubt(d, step, last);
  }
  // Whoever was meant: a parent gave money for that one, or only that one can still be paid.
  const chosen = again ?? routed.find((one) => one.candidate.agent === todo.agent) ?? routed[0];
  if (chosen === undefined) {
    if (hasMore(state, step)) return findFacts(d, step);
    // Elsewhere was meant, and there is no elsewhere: the failure itself is what the step ends with.
    const last = todo.why === 'elsewhere' ? step.attempts?.findLast((a) => a.lesser === step.lesser) : undefined;
    if (last?.fault === undefined) return void fail(nobody(step, cut, refused));
    return void d.todo.push({
      to: 'heal',
      step: step.id,
      n: last.n,
      fault: { ...last.fault, retry: last.fault.retry === 'never' ? 'never' : 'elsewhere' },
    });
  }
  beginAttempt(d, step, chosen, todo.why);
}

/** Skills of steps ahead whose figures are asked for at once, to share a deadline with them. */
const MAX_AHEAD = 64;

/** Under a deadline also what is known of those who will be asked later: they come first, so that they are there. */
function findFacts(d: Deciding, step: StepState): void {
  const bound = deadlineOf(d.state, step) !== undefined;
  const own = goalSkill(step, step.lesser);
  if (bound)
    for (const skill of skillsAhead(d.state, step, MAX_AHEAD))
      if (skill !== own && !d.state.skills.has(skill)) d.commands.push({ do: 'findCandidates', skill, weighed: true });
  d.commands.push({ do: 'findCandidates', skill: own, step: step.id, weighed: bound ? true : undefined });
}

/** All of a round or none: held together, or one more would be asked when the verdict is out. */
export function askPanel(d: Deciding, step: StepState, asks: (Ask & { i: number })[]): void {
  if (step.settledSeq !== 0 || hasCallOut(step) || d.state.quarantine !== undefined) return;
  const chosen = asks.map((ask) => ({ ask, candidate: candidateFor(d, step, ask) }));
  const together = chosen.map((one) => worstCost(d.state, step, one.candidate)).reduce<Amounts>(addAmounts, {});
  if (!mayHold(d, step, together, undefined)) return;
  for (const { ask, candidate } of chosen) {
    const { agent: _agent, ...asked } = ask;
    const facts = agreesPlainly(d.state.engine) ? undefined : asked;
    if (!beginAttempt(d, step, { candidate, effect: 'pure' }, 'panel', facts)) return;
  }
}

/** Who is gone since the panel was opened is asked all the same: the call fails, and that is a non-vote. */
function candidateFor(d: Deciding, step: StepState, ask: Ask): Candidate {
  const view = ask.skill === undefined ? skillView(d.state, step) : d.state.skills.get(ask.skill);
  return view?.candidates.find((c) => c.agent === ask.agent) ?? { agent: ask.agent, effect: 'pure' };
}

/** The same agent once more: its failure is known, so nothing of it is still out. */
function sameAgain(d: Deciding, step: StepState, agent: string): Routed | undefined {
  if (step.lesser === undefined && step.spec.agent !== undefined && step.spec.agent !== agent) return undefined;
  const candidate = skillView(d.state, step)?.candidates.find((c) => c.agent === agent);
  const last = step.attempts?.findLast((a) => a.agent === agent);
  return candidate === undefined || last === undefined ? undefined : { candidate, effect: last.effect };
}

/** False when the step has to wait or has failed instead. */
function beginAttempt(
  d: Deciding,
  step: StepState,
  { candidate, effect, chosen }: Routed,
  why: 'retry' | 'elsewhere' | 'lesser' | 'again' | 'panel' | 'hedge' | undefined,
  ask?: AskFacts,
): boolean {
  const { state } = d;
  if (effect !== 'pure' && state.blockEffects) {
    d.todo.push({
      to: 'settle',
      step: step.id,
      out: 'failed',
      fault: faultData('effect.blocked', `step '${step.id}' is ${effect}, and effects are blocked in this run`),
    });
    return false;
  }
  if (!mayPass(d, step, effect, candidate)) return false;
  const held = worstCost(state, step, candidate);
  if (held !== undefined && !mayHold(d, step, held, candidate.agent)) return false;
  const n = (step.tries ?? 0) + 1;
  emit(d, {
    type: 'attempt.begun',
    step: step.id,
    n,
    agent: candidate.agent,
    effect,
    keyed: candidate.keyed,
    undoes: candidate.undoes,
    reconciles: candidate.reconciles,
    held,
    lesser: step.lesser,
    why,
    chosen: why === 'retry' || why === 'again' || why === 'panel' ? undefined : chosen,
    ask,
  });
  if (effect !== 'pure' || held !== undefined) d.barrier = true;
  const attempt = step.attempts!.at(-1)!;
  if (mayHaveBeenMade(d, step, attempt)) {
    emit(d, { type: 'effect.unknown', step: step.id, n, why: 'restored' });
    reconcile(d, step, attempt);
  } else {
    askAgain(d, step, attempt);
    if (why !== 'hedge') armHedge(d, step, attempt);
  }
  return true;
}

/** The call that is out is slow: a second agent is asked beside it. */
export function hedge(d: Deciding, timer: string): void {
  const due = hedgeDue(d, timer);
  if (due !== undefined) beginAttempt(d, due.step, due.second, 'hedge');
}

/** A restored backup has forgotten what came after it: the first call that it knows of may have been made already. */
function mayHaveBeenMade(d: Deciding, step: StepState, attempt: AttemptState): boolean {
  if (d.state.restoredMs === undefined || repeatable(attempt)) return false;
  return !step.attempts?.some((a) => a.agent === attempt.agent && a.doubted);
}

/** The command of an attempt: same key every time. */
export function askAgain(d: Deciding, step: StepState, attempt: AttemptState): void {
  const untilMs = deadlineOf(d.state, step);
  const timeoutMs = step.spec.timeoutMs ?? DEFAULT_ATTEMPT_MS;
  d.commands.push({
    do: 'askAgent',
    step: step.id,
    n: attempt.n,
    ...askedOf(d.state, step, attempt),
    effect: attempt.effect,
    data: questionOf(step, attempt),
    answers: step.answers,
    ...passedThrough(step, attempt),
    labels: step.labels,
    timeoutMs: Math.min(timeoutMs, shareMs(d, step, attempt) ?? timeoutMs),
    untilMs,
  });
}

/** An irreversible effect, and any step that names a gate or a right, waits for a person. */
export function mayPass(d: Deciding, step: StepState, effect: EffectClass, candidate?: Candidate): boolean {
  if (step.passed) return true;
  // What changes nothing passes in a way as it is.
  const { gate: name, right } = effect === 'pure' ? step.spec : passOf(d.state, step);
  if (name !== undefined) {
    const gate = d.state.steps.get(presentId(d.state, name));
    if (gate?.kind === 'gate') return gate.out === 'ok' ? true : waitOrFail(d, step, gate);
    return ungated(d, step, `there is no gate '${name}' in this run: ask for the gate before the step that names it`);
  }
  if (right !== undefined) {
    emit(d, { type: 'gate.opened', step: step.id, right });
    armDue(d, step);
    d.barrier = true;
    return false;
  }
  if (effect !== 'irreversible') return true;
  if (candidate?.undeclared) return ungated(d, step, undeclared(step, candidate.agent));
  return ungated(
    d,
    step,
    `step '${step.id}' is irreversible and passes no gate: name a \`gate\` or a \`right\`, or let the agent declare a milder effect class`,
  );
}

function undeclared(step: StepState, agent: string): string {
  const skill = goalSkill(step, step.lesser);
  return `agent '${agent}' declares no effect class for '${skill}', so it counts as irreversible, and step '${step.id}' passes no gate: name a \`gate\` or a \`right\`, or, if you know better, declare the skill with the agent: skills: [{ name: '${skill}', effect: 'pure' }] (pure, idempotent or reversible)`;
}

function ungated(d: Deciding, step: StepState, why: string): false {
  d.todo.push({ to: 'settle', step: step.id, out: 'failed', fault: faultData('effect.ungated', why) });
  return false;
}

function waitOrFail(d: Deciding, step: StepState, gate: StepState): false {
  if (gate.settledSeq !== 0) {
    const fault = faultData('gate.denied', `the gate '${gate.id}' did not let step '${step.id}' pass`);
    d.todo.push({ to: 'settle', step: step.id, out: 'failed', fault });
  } else armDue(d, step);
  return false;
}

function mayHold(d: Deciding, step: StepState, held: Amounts, agent: string | undefined): boolean {
  const { state } = d;
  const over = lacking(d, held);
  if (over === undefined) return true;
  if (canDraw(d, over)) {
    wantFromParent(d, `${step.id}|${state.head}`, over, { step: step.id, agent });
    return false;
  }
  const fault = faultData('budget.spent', `the budget cannot hold what step '${step.id}' may cost`, 'never', {
    lacks: over,
    wants: held,
  });
  // In runs of the first engine it was the end of the step: their replay is equal to the byte.
  if (agreesPlainly(state.engine)) d.todo.push({ to: 'settle', step: step.id, out: 'failed', fault });
  else d.todo.push({ to: 'heal', step: step.id, fault });
  return false;
}
