/** Edits of code with runs in flight, each with the outcome a user would want. */
import type { Edit } from '../trial/index.ts';
import { driftEdits } from './drifts.ts';
import { effectEdits } from './effects.ts';
import { scopeEdits } from './scopes.ts';
import { stepEdits } from './steps.ts';

export const edits: Edit[] = [...stepEdits, ...driftEdits, ...scopeEdits, ...effectEdits];
