/** What a run is given, as its workflow wants it: however the run is begun, it is checked here. */
import { Fault, type Json, toJson } from '../base/index.ts';
import { schemaProblem } from '../model/index.ts';
import { schemaJson } from './schema-json.ts';
import { parseWith } from './skill.ts';
import type { AnyWorkflow } from './workflow.ts';

/** The input as the workflow's schema leaves it. */
export function checkInput(flow: AnyWorkflow, input: unknown): Json | undefined {
  if (flow.input === undefined) return checkPlanInput(flow, toJson(input));
  const { data, problem } = parseWith(flow.input, input);
  if (problem === undefined) return toJson(data);
  throw misfit(flow, problem, schemaJson(flow.input, 'input'));
}

/** A plan's schema says what fits, and changes nothing. */
function checkPlanInput(flow: AnyWorkflow, input: Json | undefined): Json | undefined {
  const wanted = flow.plan?.input;
  const problem = wanted === undefined ? undefined : schemaProblem(wanted, input);
  if (problem !== undefined) throw misfit(flow, problem, wanted!);
  return input;
}

/** A schema longer than this is looked up where it stands. */
const SHOWN_CHARS = 300;

function misfit(flow: AnyWorkflow, problem: string, wanted: Json): Fault {
  const { $schema: _, ...schema } = wanted as Record<string, Json>;
  const text = JSON.stringify(schema);
  const where = `the \`input\` of the workflow '${flow.name}', where it is defined`;
  const next = text.length > SHOWN_CHARS ? `What it takes is in ${where}.` : `It takes ${text}: ${where}.`;
  return new Fault('input.invalid', `the input of '${flow.name}' does not fit: ${problem}`, {
    detail: { next, schema: wanted },
  });
}
