/**
 * The contract of every store: rows on `node:assert`, run by vitest on each adapter, by the simulator,
 * and by whoever writes a store of their own:
 *
 *   test.for(storeContract)('$name', async (row, { skip }) => {
 *     skip(missingFor(row, lab).length > 0);
 *     await row.run(lab).finally(() => lab.close());
 *   });
 */
import { appendRows } from './contract/appends.ts';
import { claimRows } from './contract/claims.ts';
import { keepingRows } from './contract/keeping.ts';
import type { ContractRow, Need, StoreLab } from './contract/kit.ts';
import { letterRows } from './contract/letters.ts';
import { logRows } from './contract/log.ts';
import { raceRows } from './contract/races.ts';
import { readRows } from './contract/reads.ts';

export type { ContractRow, Need, StoreLab } from './contract/kit.ts';

export const storeContract: readonly ContractRow[] = [
  ...appendRows,
  ...letterRows,
  ...claimRows,
  ...readRows,
  ...logRows,
  ...raceRows,
  ...keepingRows,
];

const OFFERS: Record<Need, keyof StoreLab> = { again: 'again', kill: 'kill', expire: 'expire', backup: 'restore' };

/** What the row needs and the lab does not offer. */
export function missingFor(row: ContractRow, lab: StoreLab): Need[] {
  return (row.needs ?? []).filter((need) => lab[OFFERS[need]] === undefined);
}
