/**
 * Plays a run of decisions alone: no driver, no store, no clock. Commands are answered from a table of
 * functions, first in first out; every turn is kept as a journal. A crash forgets everything but the
 * journal (its first turns), claims the run again and goes on.
 */
import { dataToFault, type FaultData, type Json, toFault, faultToData } from '../base/index.ts';
import { decide } from '../flow/index.ts';
import {
  type Candidate,
  type Command,
  type CommandOf,
  type EventOf,
  type EventType,
  foldTurn,
  type Input,
  newRunState,
  type Plan,
  type Principal,
  type RunState,
  type Turn,
} from '../model/index.ts';

/** What an agent or function does: gives an output, throws a fault, or keeps silent (`NEVER`). */
export type Doing = (input: Json | undefined, call: { step: string; labels?: string[]; calls: number }) => unknown;

export const NEVER = Symbol('never answers');

export interface PlayOptions {
  plan: Plan;
  input?: Json;
  labels?: string[];
  /** Agents by skill: each is one agent named after its skill; more with `skill@agent`. */
  agents?: Record<string, Doing>;
  /** Effect class of an agent: pure where it is not named. */
  effects?: Record<string, Partial<Candidate>>;
  functions?: Record<string, Doing>;
  children?: Record<string, Doing>;
  /** Labels of an agent's answers. */
  answerLabels?: Record<string, string[]>;
}

const EVERYTHING: Principal = { id: 'ann', rights: ['*'] };

export type Play = ReturnType<typeof startPlay>;

export function startPlay(options: PlayOptions, journal: readonly Turn[] = []) {
  const turns: Turn[] = [...journal];
  let state: RunState = newRunState('run');
  let queue: Command[] = [];
  let letters: { id: string; dueMs: number; body: Input }[] = [];
  const calls = new Map<string, number>();
  let nowMs = journal.at(-1)?.at ?? 1000;
  /** What the sinks remember of this incarnation. */
  const done = new Map<string, Json | undefined>();
  const commands: Command[] = [];
  for (const turn of turns) foldTurn(state, turn);

  function give(input: Input): void {
    const decision = decide(state, input, nowMs);
    if (decision.events.length > 0)
      turns.push(JSON.parse(JSON.stringify({ at: decision.at, in: decision.in, events: decision.events })) as Turn);
    queue.push(...decision.commands);
    commands.push(...decision.commands);
    for (const { id, dueMs, body, to } of decision.send)
      if (to === 'run' && !letters.some((l) => l.id === id)) letters.push({ id, dueMs, body });
    letters = letters.filter((letter) => !decision.take.includes(letter.id));
  }

  function answer(command: Command): void {
    switch (command.do) {
      case 'findCandidates':
        return give({ in: 'candidates', skill: command.skill, position: 0, candidates: candidatesFor(command.skill) });
      case 'askAgent':
        return ask(command);
      case 'runCode':
        return attempt(command.step, options.functions?.[command.code ?? ''], command, (result) =>
          give({ in: 'ran', step: command.step, ...result }),
        );
      case 'startRun':
        return attempt(command.parent!.step, options.children?.[command.workflow], command, ({ data, fault }) =>
          give({
            in: 'child',
            step: command.parent!.step,
            run: command.run,
            outcome: fault === undefined ? 'completed' : 'failed',
            data,
            fault,
          }),
        );
      case 'reconcile':
        return give({
          in: 'reconciled',
          step: command.step,
          n: command.n,
          happened: done.has(command.step),
          by: command.agent,
          data: done.get(command.step),
        });
      case 'undo':
        return give({ in: 'undone', step: command.step });
      default:
    }
  }

  function candidatesFor(skill: string): Candidate[] {
    return Object.keys(options.agents ?? {})
      .filter((name) => name.split('@')[0] === skill)
      .map((name) =>
        Object.assign({ agent: name, effect: 'pure', keyed: true, reconciles: true }, options.effects?.[name]),
      );
  }

  function ask(command: CommandOf<'askAgent'>): void {
    attempt(command.step, options.agents?.[command.agent], command, (result) =>
      give({
        in: 'answer',
        step: command.step,
        n: command.n,
        labels: options.answerLabels?.[command.agent],
        ...result,
      }),
    );
  }

  function attempt(
    step: string,
    doing: Doing | undefined,
    command: { data?: Json; labels?: string[] },
    say: (result: { data?: Json; fault?: FaultData }) => void,
  ): void {
    const count = (calls.get(step) ?? 0) + 1;
    calls.set(step, count);
    let result: { data?: Json; fault?: FaultData };
    try {
      if (doing === undefined)
        throw dataToFault({ code: 'not-found', retry: 'never', message: `nothing does '${step}'` });
      const output = doing(command.data, { step, labels: command.labels, calls: count });
      if (output === NEVER) return;
      result = output === undefined ? {} : { data: JSON.parse(JSON.stringify(output)) as Json };
    } catch (thrown) {
      result = { fault: faultToData(toFault(thrown, 'agent' in command ? 'agent.failed' : 'step.failed')) };
    }
    if (result.fault === undefined) done.set(step, result.data);
    say(result);
  }

  const play = {
    get state() {
      return state;
    },
    turns,
    commands,
    calls,
    give,
    admit() {
      const { plan, input, labels } = options;
      give({
        in: 'admit',
        run: 'run',
        workflow: plan.name,
        version: plan.version,
        by: EVERYTHING,
        seed: 'seed',
        engine: 'test',
        plan: { hash: hashOf(plan), plan: JSON.parse(JSON.stringify(plan)) as Plan },
        budget: plan.budget,
        labels,
        data: input,
      });
      return play;
    },
    /** Answers commands until there is none, or `most` of them. */
    go(most = Infinity) {
      for (let i = 0; i < most && queue.length > 0; i++) answer(queue.shift()!);
      return play;
    },
    /** Lets time pass until every timer has come, and goes on. */
    wait(forMs = Infinity) {
      const untilMs = nowMs + forMs;
      for (;;) {
        play.go();
        const due = letters.toSorted((a, b) => a.dueMs - b.dueMs)[0];
        if (due === undefined || due.dueMs > untilMs) break;
        letters = letters.filter((letter) => letter !== due);
        nowMs = Math.max(nowMs, due.dueMs);
        give(due.body);
      }
      return play;
    },
    approve(step: string, data?: Json) {
      const id = `gate-${turns.length}`;
      const choice = data === undefined ? 'approve' : 'edit';
      give({ in: 'gate', step, id, choice, by: EVERYTHING, data, letter: id });
      return play.go();
    },
    deny(step: string) {
      const id = `gate-${turns.length}`;
      give({ in: 'gate', step, id, choice: 'deny', by: EVERYTHING, letter: id });
      return play.go();
    },
    signal(signal: string, data?: Json) {
      const id = `signal-${turns.length}`;
      give({ in: 'signal', signal, id, by: EVERYTHING, data, letter: id });
      return play.go();
    },
    drift(step: string, choice: 'keep' | 'redo') {
      give({ in: 'drift', step, choice, by: EVERYTHING, letter: `drift-${turns.length}` });
      return play.go();
    },
    replan(plan: Plan) {
      give({ in: 'replan', plan: { hash: hashOf(plan), plan: JSON.parse(JSON.stringify(plan)) as Plan } });
      return play.go();
    },
    cancel() {
      give({ in: 'cancel', by: EVERYTHING, reason: 'enough', why: 'asked' });
      return play.go();
    },
    /** Everything volatile is lost, and the journal after this many turns; another worker claims the run. */
    crash(kept = turns.length) {
      turns.length = kept;
      state = newRunState('run');
      for (const turn of turns) foldTurn(state, turn);
      queue = [];
      give({ in: 'claim', worker: 'w2', epoch: state.epoch + 1 });
      return play;
    },
    events<T extends EventType>(type?: T): EventOf<T>[] {
      const all = turns.flatMap((turn) => turn.events);
      return all.filter((event) => type === undefined || event.type === type) as EventOf<T>[];
    },
    /** `type step` of every event about a step, to read at a glance. */
    story(...types: EventType[]): string[] {
      return play
        .events()
        .filter((event) => types.length === 0 || types.includes(event.type))
        .map((event) => ('step' in event ? `${event.type} ${(event as { step: string }).step}` : event.type));
    },
    step: (id: string) => state.steps.get(id),
    get ended() {
      const { outcome, output, fault, phase, outputLabels } = state;
      return phase === 'ended' ? { outcome, output, fault: fault?.code, labels: outputLabels } : undefined;
    },
  };
  return play;
}

export function playPlan(options: PlayOptions): Play {
  return startPlay(options).admit().go();
}

let plans = 0;
const hashes = new Map<string, string>();

function hashOf(plan: Plan): string {
  const text = JSON.stringify(plan);
  let hash = hashes.get(text);
  if (hash === undefined) hashes.set(text, (hash = `plan-${++plans}`));
  return hash;
}
