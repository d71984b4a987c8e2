/**
 * Checks on runs whose code was edited while they ran. Where the edit reached a run once and for all (no
 * process with the old program took it back), the outcome is the one that a user would want.
 */
import { canonicalJson } from '../../base/index.ts';

import { outputsOf, type Program } from './edited-code.ts';
import type { Findings } from './finding.ts';
import type { Incarnation, Nodes } from './nodes.ts';
import type { Job } from './people.ts';
import type { End } from './run-seed.ts';
import type { RunView } from './views.ts';

export interface EditChecking {
  findings: Findings;
  viewOf(run: string): RunView | undefined;
  programOf(worker: string): Program | undefined;
  calls: Nodes['calls'];
  lives: readonly Incarnation[];
  /** What the code from before and from after the edit comes to by itself. */
  alone: Record<Program, ReadonlyMap<string, End>>;
}

export function checkEdited(c: EditChecking, job: Job, got: End): void {
  const view = c.viewOf(job.run);
  const edit = job.edit;
  if (view === undefined || edit === undefined || view.state.phase !== 'ended') return;
  const bad = (check: Parameters<Findings['add']>[0], what: string): void =>
    c.findings.add(check, job.run, `${edit.name}: ${what}`);
  const epochs = [...view.owners].sort(([a], [b]) => a - b);
  const programs = epochs.map(([, worker]) => c.programOf(worker));
  checkOrphans(c, view, bad);
  // Taken back by the old program, a run may have something of both.
  const once = programs.every((program, i) => i === 0 || (programs[i - 1] ?? 1) <= (program ?? 1));
  if (!once || !job.steady) return;
  const last = programs.at(-1) ?? 1;
  const rightEnds = [c.alone[last].get(job.run)!];
  const outputs = outputsOf(edit);
  if (last === 2 && outputs !== undefined)
    rightEnds.push(...outputs.map((output): End => ({ outcome: 'completed', output, fault: undefined })));
  const isRight = rightEnds.some((end) => isAlike(end, got, last === 2 && outputs !== undefined));
  if (!isRight)
    bad(
      'output.edited',
      `${JSON.stringify(got)} with programs ${programs.join('')} instead of ${JSON.stringify(rightEnds)}`,
    );
  if (programs[0] === 1 && last === 2) checkAgain(c, job, view, bad);
  // The old result, where the new code by itself would have another: somebody was told.
  const kept = edit.drift === 'keep' && last === 2 && canonicalJson(got.output) === canonicalJson(edit.output);
  const isNews = !isAlike(c.alone[2].get(job.run)!, got, true);
  if (kept && isNews && view.drifts.length === 0) bad('drift.told', 'the former result was kept, and nobody was told');
}

/** Some outputs hold what time it was. */
function isAlike(a: End, b: End, outputToo: boolean): boolean {
  if (a.outcome !== b.outcome || a.fault !== b.fault) return false;
  if (!outputToo) return true;
  const volatile = typeof a.output === 'number' && typeof b.output === 'number' && a.output > 1e9;
  return volatile || canonicalJson(a.output ?? null) === canonicalJson(b.output ?? null);
}

/** What the old program had settled is not worked again by the new one, unless the edit says so. */
function checkAgain(
  c: EditChecking,
  job: Job,
  view: RunView,
  bad: (check: 'settled.again', what: string) => void,
): void {
  const { again } = job.edit!;
  if (again === undefined) return;
  // Where nothing should drift, what was settled all the same is worked anew by a person's word.
  if (job.edit!.drift === undefined && view.drifts.some(({ choice }) => choice === 'redo')) return;
  const before = new Set(
    view.results.filter(({ epoch }) => c.programOf(view.owners.get(epoch) ?? '') === 1).map(({ text }) => text),
  );
  for (const { run, text, program } of c.calls)
    if (run === job.run && program === 2 && before.has(text) && !again.includes(text))
      bad('settled.again', `${text} was settled, and is worked again`);
}

/** Settled steps that the code no longer asks for are orphaned, and no others are. */
function checkOrphans(c: EditChecking, view: RunView, bad: (check: 'orphan.exact', what: string) => void): void {
  if (view.orphans === undefined || view.state.outcome !== 'completed') return;
  const epoch = Math.max(...view.owners.keys());
  const life = c.lives.findLast((one) => one.run === view.run && one.epoch === epoch && one.born());
  if (life === undefined) return;
  const { has, found } = view.orphans;
  const wanted = has.filter((id) => !life.asked.has(id));
  if (canonicalJson(wanted.toSorted()) !== canonicalJson(found.toSorted()))
    bad(
      'orphan.exact',
      `orphaned: ${found.join(' ') || 'nothing'}; no longer asked for: ${wanted.join(' ') || 'nothing'}`,
    );
}
