/** The shapes of a plan as people and planners write it, and the JSON Schema of them for editors. */
import { z } from 'zod';
import { planWords } from '../model/index.ts';

export { KIND_WORDS, planWords, type PlanWords, stepWords, type StepWords } from '../model/index.ts';

/** For editors that complete and check YAML by a schema, and for planners that answer in it. */
export function planJsonSchema(): unknown {
  return z.toJSONSchema(planWords, { unrepresentable: 'any', io: 'input' });
}
