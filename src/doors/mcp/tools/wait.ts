/** What tools that wait for a run have in common: progress on the way, gates put to the person at the host, a view at the end. */
import type { ServerContext } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { answerOf, askPerson, canAsk } from '../ask-person.ts';
import { DEFAULT_WAIT_MS, followRun, MAX_WAIT_MS, tellEvent } from '../follow.ts';
import { type CallState, createProgress, type Surface } from '../tool.ts';
import { type RunView, runView } from '../view.ts';

export const waitMs = z
  .int()
  .min(0)
  .max(MAX_WAIT_MS)
  .default(DEFAULT_WAIT_MS)
  .describe('How long to wait for the end, in ms. The run goes on whether anybody waits or not.');

/** A run until it ends, until it waits for a person who cannot be asked here, or for so long. */
export async function waitForRun(
  run: string,
  limitMs: number,
  context: ServerContext,
  surface: Surface,
): Promise<unknown> {
  const { site, by } = surface;
  const round = context.mcpReq.requestState<CallState>();
  const answer = answerOf(context, surface, round);
  if (round !== undefined && answer !== undefined) {
    if (answer.choice === 'edit') await site.edit(run, round.step, answer.value, { by });
    else await site[answer.choice](run, round.step, { by, reason: answer.reason });
    await untilTaken(run, round.step, surface);
  }
  const progress = createProgress(context);
  const seen = await followRun(site, run, {
    after: round?.seq,
    waitMs: limitMs,
    signal: context.mcpReq.signal,
    onEvent: (one) => progress(tellEvent(one)),
  });
  const gate = seen.gates.find((one) => canAsk(one, context, surface));
  // A person who would not answer is not asked twice in one call.
  const declined = round !== undefined && answer === undefined;
  if (gate !== undefined && !declined && limitMs > 0) return askPerson(gate, run, seen.seq, context, surface);
  return view(run, surface);
}

export async function view(run: string, { site }: Surface): Promise<RunView> {
  const state = await site.state(run);
  return runView(state, state.phase === 'ended' ? [] : await site.gates(run));
}

/** The answer is a letter: the run takes it soon, and until then the same gate would be asked again. */
const TAKEN_WITHIN_MS = 5_000;
const LOOK_MS = 10;

export async function untilTaken(run: string, step: string, { site }: Surface): Promise<void> {
  const untilMs = Date.now() + TAKEN_WITHIN_MS;
  while (Date.now() < untilMs && (await site.gates(run)).some((gate) => gate.step === step))
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}
