/** Hands each command to whoever performs it. */
import { Fault, faultToData } from '../base/index.ts';
import { type Command, type CommandOf, comparesWays, type Input, isAsked } from '../model/index.ts';
import type { AgentBook } from './agents.ts';
import { refuseGone } from './gone.ts';
import type { Host } from './host.ts';
import { leaveQuestion } from './leaving.ts';
import { runCode } from './local-code.ts';
import { callId, searchKey } from './names.ts';
import { askAgent, type Performing, reconcile, undo } from './perform.ts';
import { candidatesFor, type Router } from './route/index.ts';
import type { Starter } from './starter.ts';
import type { Upkeep } from './upkeep.ts';

export interface CommanderOptions {
  performing: Performing;
  agents: AgentBook;
  router: Router;
  functions: ReadonlyMap<string, (input: never) => unknown>;
  starter: Starter;
  upkeep: Upkeep;
  post(host: Host, input: Input): void;
  /** Runs the call so that what it lets fall is this run's. */
  ownedBy<T>(host: Host, call: () => T): T;
}

export function createCommander(options: CommanderOptions): (host: Host, command: Command) => void {
  const { performing, agents, router, starter, upkeep, post: postTo, ownedBy } = options;

  function perform(host: Host, command: Command): void {
    if (command.do === 'askAgent' && !isWanted(host, command)) return;
    if (refuseGone(host, command, postTo)) return;
    switch (command.do) {
      case 'askAgent':
        return ownedBy(host, () => askAgent(performing, host, command, options.functions));
      case 'runCode':
        if (host.under?.has(command.step)) return;
        return ownedBy(host, () => runCode(performing, host, command, options.functions));
      case 'findCandidates':
        return findCandidates(host, command);
      case 'reconcile':
        return reconcile(performing, host, command);
      case 'leaveQuestion':
        return leaveQuestion(performing, host, command);
      case 'undo':
        return undo(performing, host, command);
      case 'stopAttempt':
        return host.calls?.get(callId(command.step, command.n))?.cancel(command.reason);
      case 'open':
        return ownedBy(host, () => host.coroutine?.open(command.step, command));
      case 'stopCode':
        host.coroutine?.stop(() => new Fault('step.cancelled', command.reason));
        return;
      case 'startRun':
        host.aside++;
        void starter.startRun(host, command);
        return;
      case 'findChild':
        void starter.findChild(host, command);
        return;
      case 'erase':
        void upkeep.erase(host, command);
        return;
      case 'fork':
        host.aside++;
        void starter.startFork(host, command);
        return;
      case 'release':
        return;
    }
  }

  function findCandidates(host: Host, { skill, step, weighed }: CommandOf<'findCandidates'>): void {
    // What a step was told of its own goes before what is known of the skill: it is told anew, also where no choice is left.
    const told = step !== undefined && host.state.steps.get(step)?.view?.skill === skill;
    const choice = told || router.hasChoice(skill);
    // While its command waited for the disk, a step may have been settled or taken away.
    const own = choice && step !== undefined ? host.state.steps.get(step) : undefined;
    if (choice && step !== undefined && (own === undefined || own.settledSeq !== 0)) return;
    // Many steps may want the same facts at once: they are found once.
    const key = searchKey(skill, own?.id);
    if (host.searching?.has(key)) return;
    const search = { skill, step: own?.id };
    (host.searching ??= new Map()).set(key, search);
    if (own === undefined) {
      // Where deadlines are shared or ways compared they come with their figures, also when they are found anew.
      const bound = weighed === true || host.state.deadlineMs !== undefined || comparesWays(host.state);
      return postTo(host, candidatesFor(agents, router, skill, bound));
    }
    const of = { hash: own.hash, labels: own.labels };
    const found = router.find(host.state, own, skill);
    if ('then' in found) void found.then((input) => postTo(host, { ...input, step: search.step, of }));
    else postTo(host, { ...found, of });
  }

  /** While the intent was on its way to disk, the step may have been cancelled, or asked otherwise: then nobody is called. */
  function isWanted(host: Host, command: CommandOf<'askAgent'>): boolean {
    const { step: id, n } = command;
    const step = host.state.steps.get(id);
    const attempt = step?.attempts?.find((a) => a.n === n);
    if (step === undefined || attempt?.status !== 'open') return false;
    if (!isAsked(host.state, step, attempt, command)) return false;
    if (step.settledSeq === 0) return true;
    const fault = new Fault('agent.refused', `'${id}' was cancelled before anybody was called`);
    postTo(host, { in: 'answer', step: id, n, fault: faultToData(fault) });
    return false;
  }

  return perform;
}

/** What was out is in. */
export function arrived({ searching, running }: Host, input: Input): void {
  if (input.in === 'candidates') searching?.delete(searchKey(input.skill, input.step));
  else if (input.in === 'ran' && running?.get(input.step)?.of === input.of) running?.delete(input.step);
}
