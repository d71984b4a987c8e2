/** Performing commands: the only place where a run's decisions touch the world. */
import {
  amount,
  type Clock,
  copyJson,
  errorText,
  Fault,
  type FaultData,
  faultToData,
  isOf,
  type Json,
  toFault,
  toJson,
} from '../base/index.ts';
import {
  type Amounts,
  type CommandOf,
  DIMENSIONS,
  erasedFault,
  isGone,
  type Unasked,
  undoKey,
  type Usage,
} from '../model/index.ts';
import type { AgentReply } from '../ports/agent/index.ts';
import type { Store } from '../ports/store/index.ts';
import type { AgentBook } from './agents.ts';
import { SiteCall } from './call.ts';
import type { Facts, TryEnd } from './facts/index.ts';
import type { Bulkheads, Health } from './health/index.ts';
import type { Host } from './host.ts';
import { loadRun } from './load.ts';
import { callId, named } from './names.ts';
import type { Pieces } from './pieces.ts';
import type { TraceContexts } from './telemetry/context.ts';
import type { Input } from '../model/index.ts';

export interface Performing {
  store: Store;
  clock: Clock;
  agents: AgentBook;
  facts: Facts;
  health?: Health;
  bulkheads: Bulkheads;
  pieces: Pieces;
  traces: TraceContexts;
  post(host: Host, input: Input): void;
  /** Agents being told that their question stays without an answer: a stop waits for them. */
  leaving: Set<Promise<void>>;
  onTrouble(run: string | undefined, fault: Fault | undefined): void;
}

/** Waits on undo and reconcile end after this long: a sink that says nothing cannot tell. */
export const ASIDE_MS = 30_000;
const FIRST_RECONCILE_MS = 100;
/** Less of its time than this is too little for a call: let out of a line then, it would only be cut off, and an effect unknown. */
const LEAST_SHARE = 0.1;

export function askAgent(
  p: Performing,
  host: Host,
  command: CommandOf<'askAgent'>,
  functions: ReadonlyMap<string, (input: never) => unknown>,
): void {
  const { step, n } = command;
  const id = callId(step, n);
  if (host.calls?.has(id)) return;
  const out = { step, n, cancel };
  const agent = p.agents.get(command.agent);
  const answer = (input: Omit<Extract<Input, { in: 'answer' }>, 'in' | 'step' | 'n'>): void => {
    if (done) return;
    done = true;
    end();
    host.calls?.delete(callId(out.step, n));
    if (input.unasked !== undefined) p.facts.unmade(name);
    else observe(input.fault === undefined ? 'answered' : 'failed', input.fault?.code, input.cost);
    p.post(host, { in: 'answer', step: out.step, n, of: command, ...input });
  };
  let done = false;

  const card = agent?.skills.find((s) => s.name === command.skill);
  if (agent === undefined || card === undefined) {
    const fault = new Fault('agent.refused', `agent '${command.agent}' is not at this site`, {
      retry: 'elsewhere',
      detail: { absent: true },
    });
    return p.post(host, { in: 'answer', step, n, of: command, fault: faultToData(fault) });
  }
  const { name, limits } = agent;
  const { beatMs } = card;
  // Decided before its breaker opened, or while another was to try: what was decided is asked of the breaker once more.
  const shutMs = (): number | undefined => p.health?.shutMs(name, command.skill);
  const shutNow = shutMs();
  if (shutNow !== undefined)
    return p.post(host, { in: 'answer', step, n, of: command, ...leftInPeace(command, shutNow) });
  function observe(end: TryEnd, code?: FaultData['code'], cost?: Amounts): void {
    const atMs = p.clock.nowMs();
    const { skill } = command;
    const latencyMs = Math.max(0, atMs - outMs);
    p.facts.observe({ agent: name, skill, atMs, end, code, latencyMs, cost, run: host.run, step, n });
  }
  const nowMs = p.clock.nowMs();
  /** How long it waits in our own line says nothing of the agent. */
  let outMs = nowMs;
  p.facts.begun(name);
  // From now, not from the decision: the disk may have kept the intent waiting.
  const leftMs = Math.max(0, Math.min(command.timeoutMs, (command.untilMs ?? Infinity) - nowMs));
  const call = new SiteCall(host, command, {
    pieces: p.pieces,
    traces: p.traces,
    deadlineMs: nowMs + leftMs,
    beat: listen,
  });
  let leave = (): void => {};
  let stopBeat = (): void => {};
  const giveUp = (fault: Fault): void => {
    call.stop(fault);
    answer({ fault: faultToData(fault) });
  };
  const refuse = (why: Refusal): void => {
    call.stop(new Fault('step.cancelled', why.fault.message));
    answer(why);
  };
  const noPlace = (): void =>
    refuse(refusal('full', `agent '${name}' had no place free in time for a call of ${leftMs} ms`));
  const stopTimer = p.clock.after(leftMs, () => {
    if (isOut) giveUp(new Fault('step.timeout', `agent '${name}' gave no answer to '${step}' in ${leftMs} ms`));
    else noPlace();
  });
  let isOut = false;
  /** It said that it gives a sign of life so often: silence is a failure long before its time is over. */
  function listen(): void {
    stopBeat();
    if (beatMs === undefined || done) return;
    stopBeat = p.clock.after(beatMs, () =>
      giveUp(new Fault('agent.lost', `agent '${name}' gave no sign of life for ${beatMs} ms`)),
    );
  }
  function end(): void {
    stopTimer();
    stopBeat();
    leave();
  }
  function cancel(reason: string | Fault): void {
    done = true;
    end();
    host.calls?.delete(callId(out.step, n));
    if (isOut) observe('censored');
    else p.facts.unmade(name);
    call.stop(reason instanceof Fault ? reason : new Fault('step.cancelled', reason));
  }
  (host.calls ??= new Map()).set(id, out);
  const replied = (reply: AgentReply): void => {
    const cost = soundCost(reply?.cost);
    const usage = soundUsage(reply?.usage);
    try {
      if (reply?.fault !== undefined) return answer({ fault: faultToData(reply.fault), cost, usage });
      const data = toJson(reply.output);
      const invalid = command.aside ? undefined : host.coroutine?.check(step, data);
      if (invalid === undefined)
        answer({ data, cost, usage, labels: soundLabels(reply.labels), ...judged(command, data, functions) });
      else answer({ fault: invalid, cost, usage });
    } catch (thrown) {
      // It answered, but with what nobody can keep.
      answer({ fault: faultToData(new Fault('output.invalid', errorText(thrown), { cause: thrown })), cost });
    }
  };
  const failed = (thrown: unknown): void => {
    answer({ fault: faultToData(toFault(thrown, 'agent.failed')) });
  };
  /** False: it was not made. */
  function go(): boolean {
    if (done) return false;
    const waitMs = shutMs();
    if (waitMs !== undefined) {
      refuse(leftInPeace(command, waitMs));
      return false;
    }
    outMs = p.clock.nowMs();
    // The timers of a whole line may be due at once, and the first of them lets the next one in.
    if (outMs - nowMs > leftMs * (1 - LEAST_SHARE)) {
      noPlace();
      return false;
    }
    isOut = true;
    p.health?.begun(name, command.skill, { run: host.run, step, n });
    listen();
    try {
      const reply = agent!.call(call);
      if (isThenable(reply)) Promise.resolve(reply).then(replied, failed);
      else replied(reply);
    } catch (thrown) {
      failed(thrown);
    }
    return true;
  }
  if (limits?.atOnce === undefined && limits?.perMinute === undefined) return void go();
  const entered = p.bulkheads.enter({ agent: name, limits, patienceMs: leftMs / 2, go });
  if ('full' in entered) refuse(refusal('full', `agent '${name}' has no place free, and its line is full`));
  else if ('afterMs' in entered) refuse(usedUp(name, limits.perMinute!, entered.afterMs));
  else {
    leave = entered.leave;
    // It answered at once, before it could be told of its place.
    if (done) leave();
  }
}

/** What is answered to a call that is not made: nothing can have happened, and another may do it. */
type Refusal = { fault: FaultData; unasked: Unasked };

function refusal(unasked: Unasked, message: string, afterMs?: number): Refusal {
  return { fault: faultToData(new Fault('agent.busy', message, { retry: 'elsewhere', afterMs })), unasked };
}

function leftInPeace({ agent, skill }: CommandOf<'askAgent'>, afterMs: number): Refusal {
  const message = `agent '${agent}' is left in peace: its calls for '${skill}' kept failing, and it may be tried again in ${afterMs} ms`;
  return refusal('unhealthy', message, afterMs);
}

function usedUp(agent: string, perMinute: number, afterMs: number): Refusal {
  return refusal('rate', `agent '${agent}' takes ${perMinute} calls a minute: the next in ${afterMs} ms`, afterMs);
}

/** What the step's own equality and check say of an answer: journaled with it, so that replay needs neither. */
function judged(
  { equal, check, data: input }: CommandOf<'askAgent'>,
  answer: Json | undefined,
  functions: ReadonlyMap<string, (input: never) => unknown>,
): { camp?: string; illegal?: string } {
  const call = (name: string, given: unknown): unknown => {
    const fn = functions.get(name);
    if (fn === undefined)
      throw new Fault('workflow.unknown', `no function is registered as '${name}'`, { retry: 'never' });
    return fn(copyJson(given as Json) as never);
  };
  const said: { camp?: string; illegal?: string } = {};
  if (equal !== undefined) said.camp = String(call(equal, answer));
  if (check === undefined) return said;
  const word = call(check, { answer: answer ?? null, input: input ?? null });
  if (word !== true) said.illegal = typeof word === 'string' && word !== '' ? word : 'the check refused it';
  return said;
}

/** Also promises of other makes. */
export function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** A cost that is no sum of money counts as none said: the price is charged then. */
function soundCost(cost: Amounts | undefined): Amounts | undefined {
  if (typeof cost !== 'object' || cost === null) return undefined;
  const sound: Amounts = {};
  for (const dimension of DIMENSIONS) {
    const said = cost[dimension];
    if (said === undefined) continue;
    if (!amount.fits(said)) return undefined;
    sound[dimension] = said;
  }
  return sound;
}

function soundUsage(usage: Usage | undefined): Usage | undefined {
  try {
    return usage === undefined ? undefined : (toJson(usage) as Usage);
  } catch {
    return undefined;
  }
}

function soundLabels(labels: unknown): string[] | undefined {
  if (!Array.isArray(labels) || labels.length === 0) return undefined;
  return labels.map(String);
}

/** A sink that cannot be reached is asked again, for as long as ASIDE_MS; then a person decides. */
export function reconcile(p: Performing, host: Host, command: CommandOf<'reconcile'>): void {
  const { do: _, step, n, data, ...of } = command;
  const agent = p.agents.get(command.agent);
  let waitMs = FIRST_RECONCILE_MS;
  let said = false;
  const say = once(p, host, step, (now, happened: boolean | undefined, output?: unknown) => {
    said = true;
    // Other languages have no undefined: what is neither yes nor no is "cannot tell".
    const known = typeof happened === 'boolean' ? happened : undefined;
    p.post(host, { in: 'reconciled', step: now, n, of, happened: known, by: of.agent, data: soundOutput(output) });
  });
  if (agent?.reconcile === undefined) return say(undefined);
  const call = { run: host.run, step, skill: of.skill, input: copyJson(data), key: of.key };
  const again = (): void => {
    if (said || host.gone) return;
    attempt(
      () => agent.reconcile!(call),
      (answer) => say(answer.happened, answer.output),
      () => {
        p.clock.after(waitMs, again);
        waitMs *= 2;
      },
    );
  };
  again();
}

function soundOutput(output: unknown): Json | undefined {
  try {
    return toJson(output);
  } catch {
    return undefined;
  }
}

export function undo(p: Performing, host: Host, command: CommandOf<'undo'>): void {
  const agent = p.agents.get(command.agent);
  const say = once(
    p,
    host,
    command.step,
    (step, fault?: Fault) =>
      p.post(host, { in: 'undone', step, fault: fault === undefined ? undefined : faultToData(fault) }),
    () =>
      new Fault('step.timeout', `the undo of '${command.step}' gave no answer in ${ASIDE_MS} ms`, { retry: 'same' }),
  );
  if (agent?.undo === undefined)
    return say(
      new Fault('agent.none', `agent '${command.agent}' is not here to undo '${command.step}'`, { retry: 'same' }),
    );
  const { skill, key, of = { run: host.run, step: command.step } } = command;
  const ask = ({ input, output }: { input?: Json; output?: Json }): unknown =>
    agent.undo!({ ...of, skill, key, input: copyJson(input), output: copyJson(output) });
  attempt(
    () => (command.of === undefined ? ask(command) : wentInAndOut(p.store, command).then(ask)),
    () => say(),
    (thrown) =>
      say(
        isOf(thrown, Fault) ? thrown : new Fault('agent.failed', errorText(thrown), { retry: 'same', cause: thrown }),
      ),
  );
}

/** Of what a child run did its own journal says it. */
async function wentInAndOut(store: Store, { of, key }: CommandOf<'undo'>): Promise<{ input?: Json; output?: Json }> {
  const { state } = await loadRun(store, of!.run);
  const done = state.effects.findLast((one) => one.step === of!.step && undoKey(one) === key);
  if (isGone(state, done?.input) || isGone(state, done?.output)) throw erasedFault(`what step '${of!.step}' did`);
  if (done !== undefined) return done;
  throw new Fault('not-found', `run ${of!.run} has no effect of '${of!.step}' that could be undone`, {
    retry: 'never',
  });
}

/** Says the first thing only, of the step as it is named then; after ASIDE_MS what `late` gives. Until then the run is not parked. */
function once<A extends unknown[]>(
  p: Performing,
  host: Host,
  step: string,
  say: (step: string, ...args: A) => void,
  late?: () => A[0],
): (...args: A | []) => void {
  let said = false;
  const out = named(host, step);
  host.aside++;
  const stop = p.clock.after(ASIDE_MS, () => tell(...([late?.()] as A)));
  function tell(...args: A | []): void {
    if (said) return;
    said = true;
    host.aside--;
    host.named?.delete(out);
    stop();
    say(out.step, ...(args as A));
  }
  return tell;
}

function attempt<T>(call: () => T | Promise<T>, ok: (value: T) => void, failed: (thrown: unknown) => void): void {
  try {
    const value = call();
    if (isThenable(value)) Promise.resolve(value).then(ok).catch(failed);
    else ok(value);
  } catch (thrown) {
    failed(thrown);
  }
}
