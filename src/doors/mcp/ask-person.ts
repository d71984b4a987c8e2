/**
 * A gate that opens while a host waits for its run is asked there, of the person at the host, by elicitation. The
 * model does not see the question and cannot answer it. Who answers is the principal of the door, with its rights.
 */
import type { ServerContext } from '@modelcontextprotocol/server';
import type { Json } from '../../base/index.ts';
import { hasRight } from '../../model/index.ts';
import type { OpenGate } from '../../site/gates.ts';
import type { CallState, Surface } from './tool.ts';

const ANSWER = 'gate';
const MAX_QUESTION_CHARS = 4_000;

export function canAsk(gate: OpenGate, context: ServerContext, { by, canElicit }: Surface): boolean {
  return hasRight(by, gate.right) && canElicit(context);
}

export async function askPerson(
  gate: OpenGate,
  run: string,
  seq: number,
  context: ServerContext,
  { library, state }: Surface,
): Promise<unknown> {
  return library.inputRequired({
    inputRequests: {
      [ANSWER]: library.inputRequired.elicit({
        message: question(gate, run),
        requestedSchema: formOf(gate) ?? {
          type: 'object',
          properties: {
            choice: {
              type: 'string',
              title: gate.asks === 'unknown' ? 'Did it happen?' : 'May it go on?',
              oneOf:
                gate.asks === 'unknown'
                  ? [
                      { const: 'approve', title: 'It happened' },
                      { const: 'deny', title: 'It did not happen' },
                    ]
                  : [
                      { const: 'approve', title: 'Approve' },
                      { const: 'deny', title: 'Deny' },
                    ],
            },
            reason: { type: 'string', title: 'Reason' },
          },
          required: ['choice'],
        },
      }),
    },
    requestState: await state.mint(
      { run, step: gate.step, asks: gate.asks, seq, ...(isInWords(gate) && { inWords: true }) },
      context,
    ),
  });
}

type Answer = { choice: 'approve' | 'deny'; reason?: string } | { choice: 'edit'; value: Json };

/** What the person said; undefined: nothing that counts (declined, cancelled, or no answer). */
export function answerOf(
  context: ServerContext,
  { library }: Surface,
  round: CallState | undefined,
): Answer | undefined {
  const said = library.acceptedContent<{ choice?: unknown; reason?: unknown }>(context.mcpReq.inputResponses, ANSWER);
  if (round?.asks === 'input') {
    if (said === undefined) return undefined;
    return {
      choice: 'edit',
      value: (round.inWords === true ? (said as { words?: Json }).words : (said as Json)) ?? null,
    };
  }
  if (said?.choice !== 'approve' && said?.choice !== 'deny') return undefined;
  return { choice: said.choice, reason: typeof said.reason === 'string' ? said.reason : undefined };
}

/** An agent's own form, passed on as it is; who asks in words is answered in words. */
function formOf(gate: OpenGate): never | undefined {
  if (isInWords(gate)) return IN_WORDS as never;
  return gate.asks === 'input' ? (schemaIn(gate) as never) : undefined;
}

const IN_WORDS = { type: 'object', properties: { words: { type: 'string', title: 'Answer' } }, required: ['words'] };

function isInWords(gate: OpenGate): boolean {
  return gate.asks === 'input' && schemaIn(gate) === undefined;
}

function schemaIn({ show }: OpenGate): Json | undefined {
  return (show as { schema?: Json } | undefined)?.schema;
}

function question({ step, asks, show }: OpenGate, run: string): string {
  const what = {
    gate: `Step '${step}' of run ${run} asks whether to go on.`,
    effect: `Step '${step}' of run ${run} is about to change something outside.`,
    unknown: `Whether the call of step '${step}' of run ${run} happened is unknown.`,
    heal: `No way is left for step '${step}' of run ${run}: approve tries again, deny gives it up.`,
    input: `Step '${step}' of run ${run} asks for input.`,
    poison: `Run ${run} took its workers down: approve lets it go on, deny ends it.`,
  }[asks];
  return show === undefined ? what : `${what}\n${shorten(show)}`;
}

function shorten(value: Json): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return text.length <= MAX_QUESTION_CHARS ? text : `${text.slice(0, MAX_QUESTION_CHARS)} …`;
}
