/**
 * Spans of a run, folded from its events, in the words of OpenTelemetry's conventions for generative AI:
 * `invoke_workflow`, `invoke_agent`, `execute_tool`, `chat`. A span is given out when it ends.
 *
 * What was asked and answered is not in them, unless content is wanted: traces go further than journals.
 */
import type { FaultData, Json } from '../../base/index.ts';
import type { Event, EventOf, StepKind, Usage } from '../../model/index.ts';
import { moveNamed } from '../names.ts';
import { readTraceparent, spanIdOf, traceIdOf } from './context.ts';

export type Attribute = string | number | boolean;

export interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  /** A call to somebody else. */
  client: boolean;
  startMs: number;
  endMs: number;
  attributes: Record<string, Attribute>;
  error?: string;
  events: { name: string; atMs: number; attributes: Record<string, Attribute> }[];
}

export interface RunSpans {
  /** The spans that end with this event. */
  take(event: Event, atMs: number): Span[];
}

/** Of what a run met with, at most this much is told on its span. */
const MOST_EVENTS = 100;
const CONTENT_CHARS = 8_000;
/** A model at work with tools (site/turns): its turns are chats, its tool calls tools. */
const TURNS = 'model-turns';
/** Kinds whose own time is worth a span: who waits, and for what. */
const WAITS: ReadonlySet<StepKind> = new Set<StepKind>(['gate', 'wait', 'signal', 'workflow', 'code']);

interface OpenStep {
  /** As it was named when it was asked: children and calls were told so. */
  asked: string;
  kind: StepKind;
  name: string;
  atMs: number;
  input?: Json;
}
interface OpenAttempt {
  begun: EventOf<'attempt.begun'>;
  atMs: number;
}

export function createRunSpans(run: string, options: { content?: boolean } = {}): RunSpans {
  let admitted: { event: EventOf<'run.admitted'>; atMs: number } | undefined;
  let traceId = traceIdOf(run, undefined);
  const runSpan = spanIdOf(run);
  const steps = new Map<string, OpenStep>();
  const attempts = new Map<string, OpenAttempt>();
  const told: Span['events'] = [];

  function tell(name: string, atMs: number, attributes: Record<string, Attribute>): void {
    if (told.length < MOST_EVENTS) told.push({ name, atMs, attributes });
  }

  function make(spanId: string, name: string, startMs: number, endMs: number, fault: FaultData | undefined): Span {
    const span: Span = {
      traceId,
      spanId,
      parentSpanId: runSpan,
      name,
      client: false,
      startMs,
      endMs,
      attributes: { 'skein.run': run },
      events: [],
    };
    if (fault !== undefined) {
      span.error = fault.message;
      span.attributes['error.type'] = fault.code;
    }
    return span;
  }

  function attemptEnded(step: string, n: number, atMs: number, end: Partial<EventOf<'attempt.ended'>>): Span[] {
    const id = `${step}|${n}`;
    const open = attempts.get(id);
    if (open === undefined) return [];
    attempts.delete(id);
    const { agent, effect } = open.begun;
    const asked = steps.get(step);
    const skill = asked?.name ?? step;
    const ours = admitted?.event.workflow === TURNS;
    const chats = ours && step.startsWith('turn#');
    const tool = asked?.kind === 'effect' || (ours && !chats);
    const spanId = spanIdOf(run, open.begun.step, n);
    const chat = end.usage === undefined ? undefined : chatFacts(end.usage);
    const span = make(
      spanId,
      chats ? `chat ${chat?.model ?? ''}`.trim() : tool ? `execute_tool ${skill}` : `invoke_agent ${agent}`,
      open.atMs,
      atMs,
      end.fault,
    );
    span.client = true;
    Object.assign(span.attributes, {
      'gen_ai.operation.name': chats ? 'chat' : tool ? 'execute_tool' : 'invoke_agent',
      // The model of an agent with tools speaks for it.
      'gen_ai.agent.name': chats ? agent.replace(/\.model$/, '') : agent,
      'gen_ai.agent.id': agent,
      'gen_ai.conversation.id': run,
      'skein.step': step,
      'skein.skill': skill,
      'skein.attempt': n,
      'skein.effect': effect,
    });
    if (tool)
      Object.assign(span.attributes, {
        'gen_ai.tool.name': skill,
        'gen_ai.tool.type': 'function',
        'gen_ai.tool.call.id': step,
      });
    if (open.begun.why !== undefined) span.attributes['skein.attempt.why'] = open.begun.why;
    if (end.cost?.money !== undefined) span.attributes['skein.cost.money'] = end.cost.money;
    if (end.late === true) span.attributes['skein.late'] = true;
    const said = options.content === true ? content(asked?.input, end.data) : {};
    if (chat === undefined) return [add(span, said)];
    if (chats) return [add(add(span, chat.attributes), said)];
    const inner = make(
      spanIdOf(run, open.begun.step, n, 'chat'),
      `chat ${chat.model}`.trim(),
      open.atMs,
      atMs,
      end.fault,
    );
    inner.parentSpanId = spanId;
    inner.client = true;
    inner.attributes['gen_ai.operation.name'] = 'chat';
    return [span, add(add(inner, chat.attributes), said)];
  }

  function stepSettled(event: EventOf<'step.settled'> | EventOf<'step.skipped'>, atMs: number): Span[] {
    const asked = steps.get(event.step);
    steps.delete(event.step);
    if (asked === undefined || !WAITS.has(asked.kind)) return [];
    const fault = event.type === 'step.settled' ? event.fault : undefined;
    const span = make(spanIdOf(run, asked.asked), `${asked.kind} ${event.step}`, asked.atMs, atMs, fault);
    Object.assign(span.attributes, { 'skein.step': event.step, 'skein.step.kind': asked.kind });
    return [span];
  }

  function runEnded(event: EventOf<'run.ended'>, atMs: number): Span[] {
    const left: Span[] = [];
    for (const [id, { begun, atMs: from }] of attempts) {
      const span = make(spanIdOf(run, begun.step, begun.n), `invoke_agent ${begun.agent}`, from, atMs, undefined);
      span.attributes['skein.left'] = id;
      left.push(span);
    }
    if (admitted === undefined) return left;
    const { workflow, version, goal, traceparent } = admitted.event;
    const span = make(
      runSpan,
      `invoke_workflow ${workflow}`,
      admitted.atMs,
      atMs,
      event.outcome === 'failed' ? event.fault : undefined,
    );
    const parent = readTraceparent(traceparent);
    if (parent === undefined) delete span.parentSpanId;
    else span.parentSpanId = parent.spanId;
    Object.assign(span.attributes, {
      'gen_ai.operation.name': 'invoke_workflow',
      'gen_ai.workflow.name': workflow,
      'gen_ai.conversation.id': run,
      'skein.workflow.version': version,
      'skein.outcome': event.outcome,
    });
    // What is wanted is as much a user's word as what was given with it.
    if (goal !== undefined && options.content === true) span.attributes['skein.goal'] = goal.slice(0, CONTENT_CHARS);
    if (event.spent?.tokens !== undefined) span.attributes['skein.cost.tokens'] = event.spent.tokens;
    if (event.spent?.money !== undefined) span.attributes['skein.cost.money'] = event.spent.money;
    span.events = told;
    const said = options.content === true ? content(admitted.event.data, event.data) : {};
    return [...left, add(span, said)];
  }

  return {
    take(event, atMs) {
      switch (event.type) {
        case 'run.admitted':
          admitted = { event, atMs };
          traceId = traceIdOf(run, event.traceparent);
          return [];
        case 'run.claimed':
          if (event.epoch > 1)
            tell('skein.takeover', atMs, { 'skein.worker': event.worker, 'skein.epoch': event.epoch });
          return [];
        case 'step.asked':
          steps.set(event.step, {
            asked: event.step,
            kind: event.kind,
            name: event.spec?.skill ?? event.step,
            atMs,
            input: options.content === true ? event.data : undefined,
          });
          return [];
        case 'step.renamed':
          moveNamed(steps, event);
          moveNamed(attempts, event);
          return [];
        case 'attempt.begun':
          attempts.set(`${event.step}|${event.n}`, { begun: event, atMs });
          return [];
        case 'attempt.ended':
          return attemptEnded(event.step, event.n, atMs, event);
        case 'effect.unknown':
          tell('skein.effect.unknown', atMs, { 'skein.step': event.step, 'skein.why': event.why });
          return [];
        case 'effect.reconciled':
          return attemptEnded(event.step, event.n, atMs, {});
        case 'fault.healed':
          tell('skein.fault.healed', atMs, { 'skein.step': event.step, 'skein.healed.by': event.by });
          return [];
        case 'fault.escalated':
          tell('skein.fault.escalated', atMs, { 'skein.step': event.step, 'error.type': event.fault.code });
          return [];
        case 'gate.opened':
          tell('skein.gate.opened', atMs, { 'skein.step': event.step, 'skein.right': event.right });
          return [];
        case 'step.settled':
        case 'step.skipped':
          return stepSettled(event, atMs);
        case 'run.ended':
          return runEnded(event, atMs);
        default:
          return [];
      }
    },
  };
}

function chatFacts(usage: Usage): { model: string; attributes: Record<string, Attribute> } {
  const [provider, ...rest] = (usage.model ?? '').split('/');
  const model = rest.length === 0 ? (provider ?? '') : rest.join('/');
  const attributes: Record<string, Attribute | undefined> = {
    'gen_ai.provider.name': rest.length === 0 ? undefined : provider,
    'gen_ai.request.model': model === '' ? undefined : model,
    'gen_ai.usage.input_tokens': usage.inputTokens,
    'gen_ai.usage.output_tokens': usage.outputTokens,
    'gen_ai.usage.cache_read.input_tokens': usage.cachedTokens,
    'gen_ai.usage.cache_creation.input_tokens': usage.cacheWriteTokens,
    'gen_ai.usage.reasoning.output_tokens': usage.reasoningTokens,
    'skein.turns': usage.turns,
  };
  const said = Object.entries(attributes).filter((pair): pair is [string, Attribute] => pair[1] !== undefined);
  return { model, attributes: Object.fromEntries(said) };
}

function add(span: Span, attributes: Record<string, Attribute>): Span {
  Object.assign(span.attributes, attributes);
  return span;
}

function content(input: Json | undefined, output: Json | undefined): Record<string, Attribute> {
  const message = (role: string, value: Json): string => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return JSON.stringify([{ role, parts: [{ type: 'text', content: text.slice(0, CONTENT_CHARS) }] }]);
  };
  const said: Record<string, Attribute> = {};
  if (input !== undefined) said['gen_ai.input.messages'] = message('user', input);
  if (output !== undefined) said['gen_ai.output.messages'] = message('assistant', output);
  return said;
}
