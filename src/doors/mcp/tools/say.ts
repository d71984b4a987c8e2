/** Tools that say something to a run. */
import { z } from 'zod';
import { Fault } from '../../../base/index.ts';
import { needRight, readableState } from '../access.ts';
import type { DoorTool } from '../tool.ts';
import { untilTaken, view } from './wait.ts';

const run = z.string().min(1).max(500).describe('The id of a run.');
const reason = z.string().max(10_000).optional();
const word = z.string().max(200).optional().describe('An id for this word: said twice, it counts once.');

const answerInput = z.strictObject({
  run,
  step: z.string().min(1).max(500).describe('The step that waits, as `waitsFor` names it.'),
  choice: z.enum(['approve', 'edit', 'deny']),
  value: z.json().optional().describe('With edit: what it becomes. On an unknown call: what it answered.'),
  reason,
  id: word,
});

export const answerTool: DoorTool<z.infer<typeof answerInput>> = {
  name: 'answer_gate',
  title: 'Answer what a run waits for',
  description:
    'Answers a gate for the person who works with you: only with their explicit decision. On an unknown call, approve ' +
    'says that it happened, deny that it did not.',
  input: answerInput,
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  async work(given, _context, surface) {
    const { site, by } = surface;
    await readableState(site, by, given.run);
    const gate = (await site.gates(given.run)).find((one) => one.step === given.step);
    if (gate !== undefined) needRight(by, gate.right);
    if (given.choice === 'edit' && given.value === undefined)
      throw new Fault('input.invalid', 'an edit needs the `value` that it becomes');
    const said = { by, reason: given.reason, id: given.id, value: given.value };
    if (given.choice === 'edit') await site.edit(given.run, given.step, given.value, said);
    else await site[given.choice](given.run, given.step, said);
    // Else the view would name the very gate that was just answered.
    if (gate !== undefined) await untilTaken(given.run, gate.step, surface);
    return { answered: given.step, choice: given.choice, ...(await view(given.run, surface)) };
  },
};

const signalInput = z.strictObject({
  run,
  name: z.string().min(1).max(200),
  data: z.json().optional(),
  id: word,
});

export const signalTool: DoorTool<z.infer<typeof signalInput>> = {
  name: 'signal_run',
  title: 'Send a run a signal',
  description: 'Sends a named signal with data to a run that waits for it, or will.',
  input: signalInput,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  async work({ run: to, name, data, id }, _context, surface) {
    const { site, by } = surface;
    await readableState(site, by, to);
    needRight(by, `signal:${name}`);
    await site.signal(to, name, data, { id, by });
    return { sent: name, ...(await view(to, surface)) };
  },
};

const cancelInput = z.strictObject({ run, reason: z.string().min(1).max(10_000) });

export const cancelTool: DoorTool<z.infer<typeof cancelInput>> = {
  name: 'cancel_run',
  title: 'Cancel a run',
  description: 'Cancels a run: open calls are aborted, effects that have an undo are undone in reverse order.',
  input: cancelInput,
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  async work(given, _context, surface) {
    const { site, by } = surface;
    const state = await readableState(site, by, given.run);
    if (state.by.id !== by.id) needRight(by, 'run:cancel');
    await site.cancel(given.run, given.reason, by);
    return { cancelling: given.run, ...(await view(given.run, surface)) };
  },
};
