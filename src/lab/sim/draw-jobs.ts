/** The runs of a seed: workflows as code and as data, with budgets, deadlines and cancels. */
import type { SeededChance } from '../../base/index.ts';
import type { Plan } from '../../model/index.ts';
import { drawEdited } from './edited-code.ts';
import { changePlan, generatePart, generatePlan, signalsOf, signalsOfPlan } from './flows/index.ts';
import type { Job } from './people.ts';

/**
 * What a seed's runs are written as. `edits`: as code that is edited in flight; `replans`: as data whose plans are
 * changed in flight; `all`: as either, and some of those.
 */
export type Flows = 'code' | 'data' | 'both' | 'edits' | 'replans' | 'all';

/** Worlds in which some code is edited. */
const EDITED = 0.33;
/** Runs as data that get another plan while they run. */
const REPLANNED = 0.3;
/** Of those, they that get a third one. */
const ANOTHER = 0.4;

export interface Drawn {
  jobs: Job[];
  /** Plans that only children are of. */
  subs: Plan[];
}

export function drawJobs(chance: SeededChance, steady: boolean, flows: Flows): Drawn {
  if (flows === 'edits') return { jobs: drawEdited(chance.split('edits'), steady), subs: [] };
  const count = 1 + chance.int(3);
  const data = chance.split('data');
  const sub = generatePlan(data.split('sub'), { name: 'sub', steady, budget: 'none', depth: 1 });
  const jobs = Array.from({ length: count }, (_, i): Job => {
    const run = `r${i + 1}`;
    const budget = chance.pick(['none', 'none', 'ample', steady ? 'none' : 'tight'] as const);
    const asData = ['data', 'replans'].includes(flows) || (flows !== 'code' && data.yes(0.5));
    const part = generatePart(chance, { steady, budget, sub: flows === 'code' ? undefined : 'sub' });
    const input = { part, carry: `c${i}`, more: chance.yes(0.2) ? 1 + chance.int(2) : 0 };
    const atMs = chance.int(300);
    const job: Job = {
      run,
      flow: 'gen',
      input,
      signals: signalsOf(part),
      atMs,
      steady: steady && budget !== 'tight',
    };
    if (asData) {
      job.flow = `plan-${run}`;
      job.plan = generatePlan(data.split(run), { name: job.flow, steady, budget, sub: 'sub' });
      job.input = { carry: `c${i}` };
      job.signals = signalsOfPlan(job.plan);
    }
    if (budget !== 'none') job.budget = { money: budget === 'ample' ? 5_000 : 3 + chance.int(20) };
    if (!steady && chance.yes(0.15)) job.deadlineMs = chance.int(3_000);
    if (chance.yes(0.15)) {
      job.cancelAtMs = chance.int(1_500);
      job.steady = false;
    }
    return job;
  });
  const replanned = flows === 'replans' ? 1 : flows === 'all' ? REPLANNED : 0;
  for (const job of jobs) drawReplan(chance.split(`replan ${job.run}`), job, replanned);
  for (const job of jobs) drawAnother(chance.split(`another ${job.run}`), job);
  const more = chance.split('edits');
  if (flows === 'all' && more.yes(EDITED)) jobs.push(...drawEdited(more, steady));
  return { jobs, subs: [sub] };
}

function drawReplan(chance: SeededChance, job: Job, share: number): void {
  if (job.plan === undefined || !chance.yes(share)) return;
  job.replan = { ...changePlan(chance, job.plan), atMs: chance.int(600) };
}

/** And then a third one, or the first again. */
function drawAnother(chance: SeededChance, { plan, replan }: Job): void {
  if (plan === undefined || replan === undefined) return;
  // A name that is taken back is where most can go wrong.
  if (replan.change !== 'renamed' && !chance.yes(ANOTHER)) return;
  // What was taken away and begun may be drift when it is there again.
  const isBack = replan.change !== 'less' && chance.yes(0.5);
  const other = isBack ? { change: 'back' as const, plan } : changePlan(chance, replan.plan);
  replan.another = { ...other, atMs: replan.atMs + chance.int(400) };
}
