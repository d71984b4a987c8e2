/**
 * Budgets: reserve the most a call may cost before it, fail closed.
 *
 * B1  spent + held never exceeds the limit when a call begins.
 * B2  What a child draws is held by its parent until the child ends, so two children never overspend.
 */
import {
  addAmounts,
  type Amounts,
  canDraw,
  type Deciding,
  DIMENSIONS,
  emit,
  firstOf,
  lacking,
  overrun,
} from '../../model/index.ts';

/** Asks our parent for what we lack. The id names the want, so that asking twice is one want. */
export function wantFromParent(
  d: Deciding,
  id: string,
  amounts: Amounts,
  waiter: { step?: string; agent?: string; child?: { run: string; id: string }; asked?: Amounts },
): void {
  const { state } = d;
  const parent = state.parent;
  if (parent === undefined || state.budget.wants.has(id)) return;
  emit(d, { type: 'budget.wanted', id, amounts, ...waiter });
  d.send.push({
    to: parent.run,
    id: `want:${state.run}:${id}`,
    dueMs: 0,
    body: { in: 'budget', say: 'wanted', child: state.run, id, amounts, letter: '' },
  });
}

/** A child wants some of ours: grant, refuse, or ask our own parent first. */
export function wanted(d: Deciding, child: string, id: string, amounts: Amounts): void {
  const { state } = d;
  const over = lacking(d, amounts);
  // It may be the run that carries our child on, and its word may come before the child's own.
  const known =
    state.phase === 'running' &&
    [...state.open].some((open) => firstOf(state.steps.get(open)?.child ?? '') === firstOf(child));
  if (known && over !== undefined && canDraw(d, over)) {
    emit(d, { type: 'budget.answered', child, id, wanted: amounts });
    wantFromParent(d, `${child}|${id}`, over, { child: { run: child, id }, asked: amounts });
    return;
  }
  answerChild(d, child, id, amounts, known && over === undefined);
}

function answerChild(d: Deciding, child: string, id: string, amounts: Amounts, granted: boolean): void {
  emit(d, {
    type: 'budget.answered',
    child,
    id,
    wanted: amounts,
    ...(granted ? { granted: amounts } : { refused: true }),
  });
  d.send.push({
    to: child,
    id: `grant:${id}`,
    dueMs: 0,
    body: { in: 'budget', say: 'heard', id, granted: granted ? amounts : undefined, letter: '' },
  });
}

/** Our parent answered. The step that waited begins again; a child that waited is answered. */
export function heard(d: Deciding, id: string, granted: Amounts | undefined): void {
  const want = d.state.budget.wants.get(id);
  if (want === undefined) return;
  emit(d, { type: 'budget.heard', id, granted });
  if (want.child !== undefined) passOn(d, id, want.child, want.asked ?? want.amounts, granted !== undefined);
  if (want.step === undefined) return;
  if (granted !== undefined) d.todo.push({ to: 'begin', step: want.step, agent: want.agent });
  else
    d.todo.push({
      to: 'heal',
      step: want.step,
      fault: {
        code: 'budget.spent',
        retry: 'never',
        message: `the parent's budget has no more for step '${want.step}'`,
        detail: { wanted: want.amounts },
      },
    });
}

/** A child waited for what we wanted. Another step may have taken of it meanwhile: then we want again. */
function passOn(d: Deciding, id: string, child: { run: string; id: string }, asked: Amounts, granted: boolean): void {
  const over = lacking(d, asked);
  const runs = d.state.phase === 'running';
  if (granted && over !== undefined && runs && canDraw(d, over)) wantFromParent(d, `${id}+`, over, { child, asked });
  else answerChild(d, child.run, child.id, asked, granted && runs && over === undefined);
}

export function noteOverrun(d: Deciding, step: string): void {
  const { limit, spent, held } = d.state.budget;
  if (limit === undefined) return;
  const over = overrun(addAmounts(spent, held), limit);
  if (over !== undefined && DIMENSIONS.some((dimension) => over[dimension] !== undefined))
    emit(d, { type: 'budget.overrun', step, over });
}
