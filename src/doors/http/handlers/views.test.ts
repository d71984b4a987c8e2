import { expect, test } from 'vitest';
import { z } from 'zod';
import { parsePlan, planWorkflow, workflow } from '../../../author/index.ts';
import { viewWorkflow } from './views.ts';

test('a workflow tells what it takes, in code and in data', () => {
  const input = z.object({ topic: z.string(), words: z.number().default(9) });
  expect(viewWorkflow(workflow('code', { input }, () => 1) as never).input).toMatchObject({ required: ['topic'] });
  const schema = { type: 'object', properties: { topic: { type: 'string' } } };
  const data = planWorkflow(parsePlan(JSON.stringify({ name: 'data', input: schema, steps: { a: { ask: 'b' } } })));
  expect(viewWorkflow(data).input).toEqual(schema);
});
