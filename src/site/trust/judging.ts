/**
 * What a checked outcome says of the tries of one step, for who learns whom to ask: it was taken for right until then.
 * Each worker hears of every outcome, and what it did not see itself is nothing to it.
 */
import type { Checked } from '../../model/index.ts';
import type { Facts } from '../facts/index.ts';

/** Who gave the outcome named it by the step that it is about, some with a word before it. */
const ABOUT = /^(?:check\/)?([^|/]+)\|(.+)$/;

export function judgeTries(facts: Pick<Facts, 'judge'>, id: string, row: Checked, atMs: number): void {
  const [, run, step] = ABOUT.exec(id) ?? [];
  if (run === undefined || step === undefined) return;
  for (const [agent, said] of Object.entries(row.said))
    facts.judge({ run, step, agent, skill: row.skill, atMs, quality: said === row.right ? 1 : 0 });
}
