/** `skein show` */
import type { Command } from 'commander';
import { type CutMember, WHOLE_RUN } from '../../../model/index.ts';
import type { Site } from '../../../site/face.ts';
import { type OpenDrift, openDrifts, type OpenGate, openGates } from '../../../site/gates.ts';
import { loadRun } from '../../../site/load.ts';
import { moveNamed } from '../../../site/names.ts';
import { stepCalled, type StepTale, type Tale, tellRun } from '../../../site/tale.ts';
import { tellVerdicts, type ToldVerdict } from '../../../site/verdicts.ts';
import { addCommand } from '../command.ts';
import type { Door, SiteWords } from '../door.ts';
import { amountsText, brief, plain, span, table, valueLines } from '../paint.ts';
import { DRIFT_QUESTION, drawRun, type RunView } from '../progress/index.ts';
import { viewOf } from '../reading.ts';
import { aliveOf, NO_WORKER, standingOf } from '../standing.ts';
import { mustBeThere, noSuchStep } from '../there.ts';
import { verdictWords } from '../verdict-words.ts';

export function registerShow(program: Command, door: Door): void {
  addCommand(program, {
    name: 'show <run> [step]',
    does: 'what a run has come to, or one step of it: input, answers, output, cost, what it waits for',
    examples: [
      ['show r_0mwp', 'the graph, its input and output, and the gates that wait'],
      ['show r_0mwp topics/geese/summarize', 'one step with all its attempts'],
    ],
  }).action((run: string, step: string | undefined, given: SiteWords) =>
    door.withStore(given, async (store) => {
      const { owner } = await mustBeThere(store, run);
      await (step === undefined ? showWhole(door, store, run, owner) : showStep(door, store, run, step));
    }),
  );
}

async function showWhole(door: Door, store: Site['store'], run: string, owner: string | null): Promise<void> {
  const tale = await tellRun(store, run);
  const { state: now } = await loadRun(store, run);
  const asked: Asked = { gates: openGates(now), drifts: openDrifts(now) };
  const state = standingOf(now, owner, aliveOf(await store.workers()));
  const view = await viewOf(store, run);
  door.tell({ ...plainTale(tale), state, ...asked }, () => wordsOfRun(door, tale, view, asked, state));
}

/** What persons are asked. */
interface Asked {
  gates: OpenGate[];
  drifts: OpenDrift[];
}

function wordsOfRun(door: Door, tale: Tale, view: RunView, { gates, drifts }: Asked, state: string): string[] {
  const { paint, terminal } = door;
  const columns = terminal.columns();
  const rows: string[][] = [];
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined && value !== '') rows.push([` ${paint('dim', name)}`, value]);
  };
  add('goal', view.goal === undefined ? undefined : plain(view.goal));
  add('input', brief(tale.input, columns));
  add('output', brief(tale.output, columns));
  add('fault', tale.fault === undefined ? undefined : `${tale.fault.code}: ${plain(tale.fault.message)}`);
  for (const { agent, why, step } of tale.fault === undefined ? [] : cutOf(tale))
    add('shut', `${step === undefined ? '' : `${step}, `}${agent === '' ? '' : `${agent}: `}${plain(why)}`);
  add('spent', amountsText(tale.spent));
  add('forked', tale.forkOf === undefined ? undefined : `from ${tale.forkOf.run} at event ${tale.forkOf.seq}`);
  add('goes on', view.next);
  if (state === NO_WORKER) add('next', 'it goes on with the next `skein up`: the worker that held it is gone');
  const lines = drawRun(view, { columns, paint, nowMs: Date.now(), state });
  const waits = (what: string): void => void rows.push([` ${paint('yellow', 'waits')}`, what]);
  for (const { step, asks, right, show, sinceMs } of gates) {
    const question = QUESTIONS[asks] ?? 'may it go on?';
    const what = step === WHOLE_RUN ? 'the run' : step;
    waits(`${what}: ${question} (right ${right}, for ${span(Date.now() - sinceMs)})`);
    add('it shows', brief(show, columns));
  }
  for (const { step, right, input } of drifts) {
    waits(`${step}: ${DRIFT_QUESTION} (right ${right})`);
    add('it is now', brief(input, columns));
  }
  return rows.length === 0 ? lines : [...lines, '', ...table(rows, columns)];
}

const QUESTIONS: Partial<Record<OpenGate['asks'], string>> = {
  unknown: 'did this call happen?',
  input: 'what is the answer? (approve --edit JSON)',
};

/** What proves that no way was left. */
function cutOf({ turns }: Tale): readonly CutMember[] {
  const escalated = turns.flatMap(({ events }) => events).findLast((event) => event.type === 'fault.escalated');
  return escalated?.type === 'fault.escalated' ? escalated.cut : [];
}

async function showStep(door: Door, store: Site['store'], run: string, id: string): Promise<void> {
  const tale = await tellRun(store, run);
  const step = stepCalled(tale, id);
  if (step === undefined) throw noSuchStep(run, id, tale.steps.keys());
  const attempts = attemptsOf(tale, step.step);
  const verdicts = await tellVerdicts(store, run, step.step);
  door.tell({ run, ...step, attempts, verdicts }, () => wordsOfStep(door, step, attempts, verdicts));
}

type AttemptEvent = {
  at: number;
  type: string;
  n: number;
  agent?: string;
  fault?: { message: string };
  data?: unknown;
};

function attemptsOf({ turns }: Tale, id: string): AttemptEvent[] {
  const byStep = new Map<string, AttemptEvent[]>();
  for (const { at, events } of turns)
    for (const event of events)
      if (event.type === 'step.renamed') moveNamed(byStep, event);
      else if (event.type === 'attempt.begun' || event.type === 'attempt.ended') {
        const mine = byStep.get(event.step);
        if (mine === undefined) byStep.set(event.step, [{ at, ...event }]);
        else mine.push({ at, ...event });
      }
  return byStep.get(id) ?? [];
}

function wordsOfStep(
  door: Door,
  step: StepTale,
  attempts: readonly AttemptEvent[],
  verdicts: readonly ToldVerdict[],
): string[] {
  const { paint, terminal } = door;
  const columns = terminal.columns();
  const block = (name: string, value: unknown): string[] =>
    value === undefined ? [] : [paint('dim', name), ...valueLines(value, columns - 2).map((line) => `  ${line}`)];
  const agents = new Map(attempts.flatMap(({ n, agent }) => (agent === undefined ? [] : [[n, agent]])));
  const begun = new Map(attempts.flatMap(({ n, agent, at }) => (agent === undefined ? [] : [[n, at]])));
  const ends = attempts.filter(({ type }) => type === 'attempt.ended');
  const rows = ends.map(({ n, at, fault, data }) => [
    `  ${fault === undefined ? paint('green', '✓') : paint('red', '✗')} ${agents.get(n) ?? ''}`,
    paint('dim', span(at - (begun.get(n) ?? at))),
    fault === undefined ? brief(data, columns) : plain(fault.message),
  ]);
  return [
    `${paint('bold', plain(step.step))}  ${step.kind}  ${step.out ?? 'open'}`,
    ...block('input', step.input),
    ...(rows.length > 0 ? [paint('dim', 'attempts'), ...table(rows, columns)] : []),
    ...verdictWords(verdicts, paint, columns),
    ...block('output', step.output),
    ...block('fault', step.fault === undefined ? undefined : `${step.fault.code}: ${step.fault.message}`),
    ...block('spent', amountsText(step.spent) || undefined),
  ];
}

function plainTale({ turns: _, steps, ...tale }: Tale): object {
  return { ...tale, steps: [...steps.values()] };
}
