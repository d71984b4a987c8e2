/**
 * A model at work with tools, as a run: every turn and every tool call is a step.
 *
 * T1  What the model is told at a turn is the input of that step, so a turn can be read, forked and asked again.
 * T2  A tool's failure is told to the model, which may find another way; what ends the run is a budget spent, a
 *     cancel, or no answer after `maxTurns`.
 * T3  A tool that is irreversible waits for a person with the right `tool:<skill>`.
 * T4  Tool calls of one turn are worked side by side only when none of them changes anything.
 * T5  Of many tools the model is shown the few that fit (toolbox.ts).
 */
import { z } from 'zod';
import { type Run, workflow } from '../../author/index.ts';
import { Fault, type Json } from '../../base/index.ts';
import { EFFECT_CLASSES, type EffectClass, schemaProblem } from '../../model/index.ts';
import { isPlainText, mendWords, readAnswer, textOf, wantedOf, wordsFor } from '../../ports/agent/llm/answer.ts';
import type { Message, ModelCall, Part } from '../../ports/agent/llm/turn.ts';
import { boxOf, type BoxedTool, openShelf, type Toolbox } from './toolbox.ts';

const tool = z.object({
  /** As the model knows it. */
  name: z.string(),
  skill: z.string(),
  description: z.string().optional(),
  input: (z.json() as z.ZodType<Json>).optional(),
  effect: z.enum(EFFECT_CLASSES as [EffectClass, ...EffectClass[]]),
});

const shape = z.object({
  agent: z.string(),
  /** The agent that takes the turns. */
  model: z.string(),
  /** The skill that takes one turn. */
  turn: z.string(),
  system: z.string().optional(),
  input: z.string(),
  schema: (z.json() as z.ZodType<Json>).optional(),
  maxTurns: z.int().positive(),
  tools: z.array(tool),
  /** T5. Then `tools` is empty. */
  shelf: z
    .object({
      agent: z.string(),
      skill: z.string(),
      text: z.string(),
      show: z.int().positive(),
      pure: z.boolean().optional(),
    })
    .optional(),
});

export type TurnsTask = z.infer<typeof shape>;
type Results = Extract<Message, { by: 'tools' }>['results'];

/** More of a tool's answer than this would push out what the model was asked. */
const MAX_RESULT_CHARS = 40_000;
/** Failures that are not the model's to get around. */
const ENDS_THE_RUN = new Set(['budget.spent', 'step.cancelled', 'deadline.passed']);

export const modelTurns = workflow('model-turns', { version: '1', input: shape }, takeTurns);
/** A worker that knows no shelves must not take it up. */
export const shelvedTurns = workflow('model-turns', { version: '2', input: shape }, takeTurns);

async function takeTurns(run: Run, task: TurnsTask): Promise<Json> {
  const wanted = isPlainText(task.schema) ? undefined : wantedOf(task.schema!);
  const system = [task.system, wanted === undefined ? undefined : wordsFor(wanted)].filter(
    (text) => text !== undefined,
  );
  const told = system.length === 0 ? undefined : system.join('\n\n');
  const box = task.shelf === undefined ? boxOf(task.tools) : await openShelf(run, task.shelf);
  const messages: Message[] = [{ by: 'user', text: task.input }];
  let problem = 'it called tools until its turns were used up';
  for (let turn = 1; turn <= task.maxTurns; turn++) {
    const input = { system: told, messages, tools: box.told() };
    const parts = await run.ask<Part[]>(task.turn, input, { name: 'turn', key: turn, agent: task.model });
    messages.push({ by: 'model', parts });
    const calls = parts.filter((part) => part.is === 'call');
    if (calls.length > 0) {
      messages.push({ by: 'tools', results: await callTools(run, box, calls, turn) });
      continue;
    }
    const text = textOf(parts);
    if (wanted === undefined) return text;
    const read = readAnswer(text, wanted);
    if ('value' in read) return read.value;
    problem = read.problem;
    messages.push({ by: 'user', text: mendWords(problem) });
  }
  throw new Fault(
    'output.invalid',
    `agent '${task.agent}' came to no answer in ${task.maxTurns} turns: ${problem}; raise maxTurns, or ask for less`,
  );
}

async function callTools(run: Run, box: Toolbox, calls: readonly ModelCall[], turn: number): Promise<Results> {
  await fetchMissing(run, box, calls, turn);
  const known = calls.map((call) => ({ call, tool: box.get(call.tool) }));
  const atOnce = known.length > 1 && known.every((one) => one.tool === undefined || one.tool.effect === 'pure');
  if (!atOnce) {
    const results: Results = [];
    for (const [i, one] of known.entries())
      results.push(await callTool(run, box, one.call, one.tool, `${turn}.${i + 1}`));
    return results;
  }
  const branches = known.map((one, i) => [
    String(i + 1),
    (inner: Run) => callTool(inner, box, one.call, one.tool, `${turn}.${i + 1}`),
  ]);
  const settled = await run.all(
    'tools',
    Object.fromEntries(branches) as Record<string, (r: Run) => Promise<Results[0]>>,
    {
      key: turn,
    },
  );
  return known.map((_, i) => settled[String(i + 1)]!);
}

/** What the model named without having been shown it. */
async function fetchMissing(run: Run, box: Toolbox, calls: readonly ModelCall[], turn: number): Promise<void> {
  try {
    await box.fetch(
      run,
      calls.map((call) => call.tool),
      `${turn} named`,
    );
  } catch (thrown) {
    // Then it is not there, and the model is told so.
    if (!(thrown instanceof Fault) || ENDS_THE_RUN.has(thrown.code)) throw thrown;
  }
}

async function callTool(
  run: Run,
  box: Toolbox,
  call: ModelCall,
  one: BoxedTool | undefined,
  key: string,
): Promise<Results[0]> {
  const { id, tool: name } = call;
  const refuse = (output: string): Results[0] => ({ id, tool: name, output, failed: true });
  const finds = box.finds(name);
  if (one === undefined && !finds) return refuse(`there is no tool '${name}'`);
  if (call.input === undefined) return refuse(`the input is no JSON: ${call.bad ?? ''}`.slice(0, MAX_RESULT_CHARS));
  const problem = one?.input === undefined ? undefined : schemaProblem(one.input, call.input);
  if (problem !== undefined) return refuse(`the input does not fit the tool's schema: ${problem}`);
  try {
    if (one === undefined) return { id, tool: name, output: await box.find(run, call.input, `${key} find`) };
    box.called(one);
    const options = { name: 'tool', key: `${key} ${one.skill}` };
    const output =
      one.effect === 'pure'
        ? await run.ask(one.skill, call.input, options)
        : await run.effect(one.skill, call.input, {
            ...options,
            effect: one.effect,
            right: one.effect === 'irreversible' ? `tool:${one.skill}` : undefined,
          });
    return { id, tool: name, output: bounded(output) };
  } catch (thrown) {
    if (!(thrown instanceof Fault) || ENDS_THE_RUN.has(thrown.code)) throw thrown;
    return refuse(`${thrown.code}: ${thrown.message}`);
  }
}

function bounded(output: Json | undefined): Json {
  const text = JSON.stringify(output ?? null);
  if (text.length <= MAX_RESULT_CHARS) return output ?? null;
  return `${text.slice(0, MAX_RESULT_CHARS)} [cut: ${text.length} characters in all]`;
}
