/** A run told line by line: for pipes, logs and terminals that cannot draw anew. */
import { shellWord } from '../../../base/index.ts';
import { WHOLE_RUN } from '../../../model/index.ts';
import { driftCommand } from '../../../site/gates.ts';
import { brief, type Colour, fit, padded, type Paint, plain, span } from '../paint.ts';
import { beliefText } from '../verdict-words.ts';
import type { Watched } from '../../../site/watch.ts';
import type { RunView, StepView } from './view.ts';

/** The line that this event is worth, looked at after the view took it. */
export function lineOf(view: RunView, { event, at }: Watched, columns: number, paint: Paint): string | undefined {
  const told = tell(view, event);
  if (told === undefined) return undefined;
  const [sign, colour, text] = told;
  const time = `${((at - view.startedAt) / 1_000).toFixed(2).padStart(7)} s`;
  const room = columns - time.length - 4;
  return `${paint('dim', time)}  ${paint(colour, sign)} ${fit(plain(text), room)}`;
}

/** The same among lines of other runs: with the time of day, and whose it is, in a column so wide. */
export function siteLineOf(
  view: RunView,
  { event, at }: Watched,
  { columns, wide, paint }: { columns: number; wide: number; paint: Paint },
): string | undefined {
  const told = tell(view, event);
  if (told === undefined) return undefined;
  const [sign, colour, text] = told;
  const time = new Date(at).toTimeString().slice(0, 8);
  const whose = padded(fit(plain(view.run), wide), wide);
  // Its name stands before it already.
  const said = event.type === 'run.admitted' ? `${event.workflow}@${event.version}` : text;
  return `${paint('dim', time)}  ${whose}  ${paint(colour, sign)} ${fit(plain(said), columns - time.length - wide - 6)}`;
}

function tell(view: RunView, event: Watched['event']): [string, Colour, string] | undefined {
  const step = 'step' in event && event.step !== undefined ? view.steps.get(event.step) : undefined;
  switch (event.type) {
    case 'run.admitted':
      return ['▸', 'cyan', `${event.workflow}@${event.version}  ${view.run}`];
    case 'run.claimed':
      return view.takeovers === 0 ? undefined : ['↻', 'yellow', `another worker carries it on (epoch ${event.epoch})`];
    case 'run.quarantined':
      return [
        '?',
        'yellow',
        `set aside after ${event.claims} takes; look at it, then: skein approve ${shellWord(view.run)}`,
      ];
    case 'run.cancelling':
      return ['–', 'yellow', `cancelling: ${event.reason}`];
    case 'step.settled':
      return step === undefined ? undefined : settled(step);
    case 'attempt.ended':
      return event.fault === undefined
        ? undefined
        : ['✗', 'red', `${event.step}  ${agentOf(step, event.n)}: ${event.fault.message}`];
    case 'fault.healed':
      return ['↷', 'green', `${event.step}  healed: ${event.by}, ${event.tries} tries, ${span(event.tookMs)}`];
    case 'agree.verdict': {
      const votes = event.votes.filter((vote) => vote.for).length;
      const belief = event.belief === undefined ? '' : `, believed right ${beliefText(event.belief)}`;
      const said = `verdict by ${votes} of ${event.votes.length}, margin ${round(event.margin)}${belief}`;
      return ['⚖', 'cyan', `${event.step}  ${event.chosen === undefined ? `no verdict: ${event.why ?? ''}` : said}`];
    }
    case 'way.taken':
      return event.why === 'cheapest'
        ? undefined
        : ['→', 'yellow', `${event.step}  another way, cost ${round(event.cost)}`];
    case 'fault.escalated':
      if (event.step === WHOLE_RUN && event.to === 'person')
        return ['!', 'red', `set aside, for it takes its workers down: skein approve ${shellWord(view.run)}, or deny`];
      if (event.fault.code === 'step.drift')
        return ['?', 'yellow', `${event.step}  waits for a person: ${driftCommand(view.run, event.step)}`];
      if (event.to === 'person') return ['?', 'yellow', `${event.step}  no way left but a person's`];
      return event.cut.length === 0 ? undefined : ['!', 'red', `${event.step}  no way left: ${cutText(event.cut)}`];
    case 'gate.opened':
      return [
        '?',
        'yellow',
        `${event.step}  waits for a person: skein approve ${shellWord(view.run)} ${shellWord(event.step)}`,
      ];
    case 'step.asked':
      return event.kind === 'gate'
        ? [
            '?',
            'yellow',
            `${event.step}  waits for a person: skein approve ${shellWord(view.run)} ${shellWord(event.step)}`,
          ]
        : undefined;
    case 'gate.answered':
      return ['!', 'cyan', `${event.step}  ${event.choice} by ${event.by.id}`];
    case 'effect.unknown':
      return ['?', 'yellow', `${event.step}  whether it happened is unknown`];
    case 'effect.reconciled':
      return ['!', 'cyan', `${event.step}  it ${event.happened ? 'happened' : 'did not happen'}, says ${event.by}`];
    case 'drift.found':
      return ['?', 'yellow', `${event.step}  its input has changed`];
    case 'step.skipped':
      return ['–', 'dim', `${event.step}  skipped: ${event.cause}`];
    case 'signal.received':
      return ['!', 'cyan', `signal ${event.signal}`];
    case 'child.started':
      return ['▸', 'cyan', `${event.step}  run ${event.run}`];
    case 'undo.ended':
      return ['↶', 'yellow', `${event.step}  ${event.fault === undefined ? 'undone' : 'undo failed'}`];
    case 'run.ended': {
      const said = event.fault === undefined ? brief(view.output, Infinity) : event.fault.message;
      const colour = event.outcome === 'completed' ? 'green' : event.outcome === 'failed' ? 'red' : 'yellow';
      return [event.outcome === 'completed' ? '✓' : '✗', colour, `${event.outcome}  ${said}`];
    }
    default:
      return undefined;
  }
}

/** Why no way is left, one word for each that is shut. */
export function cutText(cut: readonly { agent: string; why: string }[]): string {
  return cut.map(({ agent, why }) => (agent === '' ? why : `${agent}: ${why}`)).join('; ');
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

function settled(step: StepView): [string, Colour, string] | undefined {
  const took = span((step.endedAt ?? step.askedAt) - step.askedAt);
  if (step.status !== 'done') {
    const sign: [string, Colour] = step.status === 'failed' ? ['✗', 'red'] : ['–', 'dim'];
    return [...sign, `${step.id}  ${step.status}: ${step.notes.at(-1) ?? ''}`];
  }
  const agents = step.attempts.filter(({ status }) => status === 'done').map(({ agent }) => agent);
  const who = step.total === undefined ? agents.join(', ') : `${step.ended ?? 0} of ${step.total}`;
  return ['✓', 'green', [step.id, who, took].filter((part) => part !== '').join('  ')];
}

function agentOf(step: StepView | undefined, n: number): string {
  return step?.attempts.find((attempt) => attempt.n === n)?.agent ?? `attempt ${n}`;
}
