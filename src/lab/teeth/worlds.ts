/** Worlds with more of one trouble, for bugs that show only there. */
import { CALM } from '../sim/agents.ts';
import type { SeedOptions } from '../sim/run-seed.ts';

export type Worlds = Pick<SeedOptions, 'steady' | 'tune' | 'flows'>;

/** Answers are lost. */
export const LOSSY: Worlds = {
  steady: false,
  tune: (mix) => ({ ...mix, forMs: 4_000, reply: { ...mix.reply, lostReply: 0.3 } }),
};

/** Agents fail in passing, and workers die. */
export const FAILING: Worlds = {
  steady: false,
  tune: (mix) => ({ ...mix, forMs: 4_000, everyMs: 60, crash: 0.7, reply: { ...mix.reply, fails: 0.4 } }),
};

/** Workers die at the disk. */
export const DYING: Worlds = { tune: (mix) => ({ ...mix, forMs: 4_000, ioCrash: 0.15 }) };

/** Leases run out under owners who live, at a slow disk. */
export const FIGHTING: Worlds = {
  tune: (mix) => ({ ...mix, workers: 3, forMs: 4_000, everyMs: 60, fight: 1, slowDisk: 0.2 }),
};

/** Steps that take down whoever calls for them; nothing else is wrong. */
export const DEADLY: Worlds = {
  flows: 'data',
  tune: (mix) => ({
    ...mix,
    workers: 3,
    forMs: 20_000,
    everyMs: 60_000,
    ioCrash: 0,
    reply: { ...CALM, kills: 0.3 },
  }),
};

/** Answers come twice. */
export const REPEATING: Worlds = { tune: (mix) => ({ ...mix, forMs: 4_000, reply: { ...mix.reply, again: 0.8 } }) };

/** Backups take the place of everything. */
export const RESTORED: Worlds = { tune: (mix) => ({ ...mix, forMs: 4_000, everyMs: 200, restore: 0.8 }) };

/** Two versions of the program are there at once. */
export const ROLLING: Worlds = { tune: (mix) => ({ ...mix, forMs: 4_000, workers: 3, crash: 1, rolling: true }) };

/** Code is edited while its runs run. */
export const EDITED: Worlds = { flows: 'edits', steady: true };

/** Budgets are small. */
export const TIGHT: Worlds = { steady: false };
