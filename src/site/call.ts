/**
 * One call as its agent sees it. What an agent seldom wants is found when it asks: an object that is written out with
 * getters of its own costs more than the decision to make the call.
 */
import { copyJson, type Fault, type Json } from '../base/index.ts';
import { outputSchema } from '../flow/index.ts';
import type { Amounts, CommandOf, EffectClass, Principal } from '../model/index.ts';
import type { AgentCall } from '../ports/agent/index.ts';
import type { Host } from './host.ts';
import type { Pieces } from './pieces.ts';
import type { TraceContexts } from './telemetry/context.ts';

type Command = CommandOf<'askAgent'>;

export interface CallSurroundings {
  pieces: Pieces;
  traces: TraceContexts;
  deadlineMs: number;
  /** A sign of life was given. */
  beat(): void;
}

/** What the found members are found in. No private name: whoever wraps a call makes an object whose prototype it is. */
const INNER = Symbol('inner');

interface Inner {
  host: Host;
  command: Command;
  traces: TraceContexts;
  controller: AbortController;
}

export class SiteCall implements AgentCall {
  readonly run: string;
  readonly step: string;
  readonly attempt: number;
  readonly again: boolean | undefined;
  readonly skill: string;
  readonly input: Json | undefined;
  readonly labels: readonly string[];
  readonly effect: EffectClass;
  readonly key: string;
  readonly answers: Readonly<Record<string, Json>> | undefined;
  readonly deadlineMs: number;
  readonly by: Principal | undefined;
  // Own members: agents take them off the call, and call them alone.
  readonly say: (text: string) => void;
  readonly beat: () => void;
  /** An own member too: a copy of the call must not miss that it is given up. */
  readonly signal: AbortSignal;
  private readonly [INNER]: Inner;

  constructor(host: Host, command: Command, { pieces, traces, deadlineMs, beat }: CallSurroundings) {
    const { run } = host;
    const { step, n, agent } = command;
    this.run = run;
    this.step = step;
    this.attempt = n;
    this.again = host.state.epoch > 1 ? true : undefined;
    this.skill = command.skill;
    this.input = copyJson(command.data);
    this.labels = command.labels ?? [];
    this.effect = command.effect;
    this.key = command.key;
    this.answers = command.answers;
    this.deadlineMs = deadlineMs;
    this.by = host.state.by;
    this.say = (text) => {
      beat();
      pieces.say({ run, step, n, agent, text });
    };
    this.beat = beat;
    const controller = new AbortController();
    this.signal = controller.signal;
    this[INNER] = { host, command, traces, controller };
  }

  get held(): Amounts | undefined {
    const { host, command } = this[INNER];
    const { step, n } = command;
    return host.state.steps.get(step)?.attempts?.find((a) => a.n === n)?.held;
  }

  get traceparent(): string | undefined {
    const { host, traces } = this[INNER];
    return traces.ofCall(host.state, this.step, this.attempt);
  }

  get schema(): Json | undefined {
    const { host, command } = this[INNER];
    if (command.aside) return undefined;
    return host.coroutine?.schemaOf(this.step) ?? outputSchema(host.state, this.step);
  }

  /** The answer is no longer wanted. */
  stop(fault: Fault): void {
    this[INNER].controller.abort(fault);
  }
}
