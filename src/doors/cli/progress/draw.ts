/**
 * A run's view as lines that fit the terminal: what is at work and what went wrong is kept longest, what is
 * settled inside of something is summed up first.
 */
import { shellWord } from '../../../base/index.ts';
import { driftCommand } from '../../../site/gates.ts';
import { NO_WORKER } from '../standing.ts';
import { type Colour, fit, type Paint, padded, plain, span, widthOf } from '../paint.ts';
import type { AttemptView, RunView, StepView } from './view.ts';

export interface DrawOptions {
  columns: number;
  /** At most so many lines; none = all. */
  rows?: number;
  paint: Paint;
  /** Of the machine that looks: the time that open steps have taken. */
  nowMs: number;
  /** How it stands, where somebody looked; default: as its events alone tell. */
  state?: string;
  /** Which picture of the turning sign; none = it stands still. */
  turn?: number;
}

/** What is asked of a step that has drifted. */
export const DRIFT_QUESTION = 'its input has changed: keep, redo or fork?';
const TURNING = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const SIGNS: Record<StepView['status'], [string, Colour]> = {
  waiting: ['○', 'dim'],
  working: ['●', 'cyan'],
  person: ['?', 'yellow'],
  done: ['✓', 'green'],
  failed: ['✗', 'red'],
  cancelled: ['–', 'dim'],
  skipped: ['–', 'dim'],
};
const OUTCOMES: Record<string, Colour> = { completed: 'green', failed: 'red', cancelled: 'yellow', continued: 'dim' };
/** A terminal wider than this gets no longer lines: the eye loses them. */
const WIDEST = 110;
const TIME_WIDTH = 9;
/** Where nobody says how wide it may be. */
const USUAL = 80;

export function drawRun(view: RunView, options: DrawOptions): string[] {
  const steps = chosen(view, options.rows === undefined ? Infinity : Math.max(3, options.rows - 3));
  // Where a program reads it, what is too long for its column pushes the others aside, and nothing is cut.
  const isCut = Number.isFinite(options.columns);
  const columns = isCut ? Math.min(options.columns, WIDEST) : USUAL;
  const most = isCut ? Math.max(8, Math.floor(columns * 0.42)) : Infinity;
  const names = Math.min(most, Math.max(8, ...steps.map(({ step }) => nameOf(step).length + step.depth * 2)));
  return [
    head(view, columns, options),
    ...steps.map((one) => line(one, names, columns, options)),
    ...asks(view, options),
    foot(view, columns, options),
  ];
}

/** How a person answers the first step that waits for one; what has drifted comes after what waits for an answer. */
function asks({ run, outcome, steps }: RunView, { paint, columns }: DrawOptions): string[] {
  if (outcome !== undefined) return [];
  const waiting = [...steps.values()].filter(({ status }) => status === 'person');
  const gate = waiting.find(({ drifted }) => drifted === undefined || drifted === 'person');
  const step = gate ?? waiting[0];
  if (step === undefined) return [];
  const command =
    gate === undefined ? driftCommand(run, step.id) : `skein approve ${shellWord(run)} ${shellWord(step.id)}`;
  return [paint('yellow', fit(plain(`   ${command}`), columns))];
}

interface Chosen {
  step: StepView;
  /** Lines inside that are not shown. */
  hidden: number;
}

/** Everything, or as many lines as there is room for. */
function chosen(view: RunView, rows: number): Chosen[] {
  const all: StepView[] = [];
  const walk = (steps: readonly StepView[]): void => {
    for (const step of steps) {
      all.push(step);
      walk(step.inside);
    }
  };
  walk(view.top);
  if (all.length <= rows) return all.map((step) => ({ step, hidden: 0 }));
  const worth = (step: StepView): number => {
    if (step.status === 'failed' || step.status === 'person') return 4;
    if (step.status === 'working') return 3;
    return step.depth === 0 ? 2 : step.status === 'done' ? 1 : 0;
  };
  // Of equal worth the latest.
  const ranked = all.map((step, i) => ({ step, i, worth: worth(step) })).sort((a, b) => b.worth - a.worth || b.i - a.i);
  const kept = new Set(ranked.slice(0, rows).map(({ step }) => step));
  return all
    .filter((step) => kept.has(step))
    .map((step) => ({ step, hidden: step.inside.filter((inner) => !kept.has(inner)).length }));
}

function head(view: RunView, columns: number, { paint, nowMs, state: seen, columns: most }: DrawOptions): string {
  const took = span((view.outcome === undefined ? nowMs : view.at) - view.startedAt);
  const state = view.outcome ?? seen ?? (view.cancelling === undefined ? 'running' : 'cancelling');
  const right = `${paint(OUTCOMES[state] ?? 'cyan', state)}${paint('dim', ` · ${took}`)}`;
  const name = plain(`${view.workflow}@${view.version}`);
  const room = columns - widthOf(right) - 2;
  const whole = `${name}  ${plain(view.run)}`;
  const left = Number.isFinite(most) ? fit(whole, room) : `${whole}  `;
  const shown = left.startsWith(name) ? paint('bold', name) + paint('dim', left.slice(name.length)) : left;
  return padded(shown, room + 2) + right;
}

function line({ step, hidden }: Chosen, names: number, columns: number, options: DrawOptions): string {
  const { paint, turn, nowMs } = options;
  const [sign, colour] = SIGNS[step.status];
  const turning = step.status === 'working' && turn !== undefined ? TURNING[turn % TURNING.length]! : sign;
  const indent = ' '.repeat(1 + step.depth * 2);
  const nameWidth = names - step.depth * 2;
  const name = padded(fit(nameOf(step), nameWidth), nameWidth);
  const time = span((step.endedAt ?? nowMs) - step.askedAt);
  const room = Math.max(0, columns - widthOf(indent) - 2 - nameWidth - 2 - TIME_WIDTH);
  const said = told(step, hidden, Number.isFinite(options.columns) ? room : Infinity, paint);
  const shownTime = paint('dim', step.status === 'skipped' ? ''.padStart(TIME_WIDTH) : time.padStart(TIME_WIDTH));
  const shownName = step.status === 'waiting' || step.status === 'skipped' ? paint('dim', name) : name;
  return `${indent}${paint(colour, turning)} ${shownName}  ${padded(said, room)}${shownTime}`;
}

function nameOf(step: StepView): string {
  return plain(step.name);
}

/** What there is to say of a step: parts with their colours, as many as fit. */
function told(step: StepView, hidden: number, room: number, paint: Paint): string {
  const parts: [string, Colour | undefined][] = [];
  if (step.total !== undefined) parts.push([`${step.ended ?? 0} of ${step.total}`, undefined]);
  if (step.failed !== undefined) parts.push([`${step.failed} failed`, 'red']);
  if (step.turn !== undefined) parts.push([`turn ${step.turn}`, undefined]);
  if (hidden > 0) parts.push([`${hidden} more`, 'dim']);
  for (const attempt of lastOf(step.attempts)) parts.push([attemptText(attempt), attemptColour(attempt)]);
  if (step.status === 'person')
    parts.push([step.drifted === undefined ? 'waits for a person' : DRIFT_QUESTION, 'yellow']);
  if (step.attempts.length === 0 && step.status === 'working' && step.total === undefined)
    parts.push([step.kind, 'dim']);
  if (step.attempts.length === 0 && step.status === 'waiting') parts.push([step.kind, 'dim']);
  for (const note of step.notes.slice(-2)) parts.push([note, step.status === 'failed' ? 'red' : 'dim']);
  let text = '';
  let used = 0;
  for (const [part, colour] of parts) {
    const gap = used === 0 ? 0 : 2;
    const left = room - used - gap - 1;
    if (left < 3) break;
    const fitting = fit(plain(part), left);
    text += ' '.repeat(gap) + (colour === undefined ? fitting : paint(colour, fitting));
    used += gap + widthOf(fitting);
  }
  return text;
}

/** More attempts than these say nothing more. */
const ATTEMPTS_SHOWN = 5;

function lastOf(attempts: readonly AttemptView[]): readonly AttemptView[] {
  return attempts.slice(-ATTEMPTS_SHOWN);
}

function attemptText({ agent, status }: AttemptView): string {
  return status === 'failed'
    ? `${agent} ✗`
    : status === 'done'
      ? agent
      : status === 'unknown'
        ? `${agent} ?`
        : `${agent} …`;
}

function attemptColour({ status }: AttemptView): Colour | undefined {
  return status === 'failed' ? 'red' : status === 'unknown' ? 'yellow' : status === 'open' ? 'cyan' : undefined;
}

/** One line that sums up. */
function foot(view: RunView, columns: number, { paint, state }: Pick<DrawOptions, 'paint' | 'state'>): string {
  let working = 0;
  let waiting = 0;
  for (const step of view.steps.values()) {
    if (step.status === 'working' && step.attempts.length > 0) working++;
    if (step.status === 'person') waiting++;
  }
  const parts = [`${view.settled} settled`];
  if (working > 0 && view.outcome === undefined)
    parts.push(`${working} ${state === NO_WORKER ? 'left open' : 'at work'}`);
  if (view.healed > 0) parts.push(`${view.healed} healed`);
  if (view.takeovers > 0) parts.push(`carried on ${view.takeovers === 1 ? 'once' : `${view.takeovers} times`}`);
  if (waiting > 0 && view.outcome === undefined) parts.push(`${waiting} for a person`);
  return paint('dim', fit(` ${parts.join(' · ')}`, columns));
}
