/** A million moves agreed on one by one, in a SQLite journal, killed on the way. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import type { Suite } from '../main.ts';
import { numberIn } from '../mistake.ts';
import { chanceRight } from '../../src/flow/index.ts';
import { check } from './check.ts';
import type { Turn } from './solve.ts';

interface Said {
  moves?: number;
  rssMb: number;
  done?: Turn;
}

/** Memory is looked at first when the store's page cache is warm. */
const WARM_MOVES = 65_536;
const MOST_DISKS = 24;
const MOST_KILLS = 100;
const MOST_ERROR = 0.4;

export const about: Suite['about'] =
  'the towers of Hanoi, a million moves agreed by ahead-by-k, with kill -9 on the way';

export const run: Suite['run'] = async (flags) => {
  const { values } = parseArgs({
    args: flags,
    options: {
      disks: { type: 'string', default: '14' },
      error: { type: 'string', default: '0.0022' },
      correlated: { type: 'string', default: '0' },
      kills: { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
    },
  });
  const disks = numberIn('--disks', values.disks, 1, MOST_DISKS);
  const kills = numberIn('--kills', values.kills, 0, MOST_KILLS);
  // From a half on no lead is ever enough.
  numberIn('--error', values.error, 0, MOST_ERROR, false);
  numberIn('--correlated', values.correlated, 0, 1, false);
  const least = 2 ** disks - 1;
  const dir = mkdtempSync(join(tmpdir(), 'skein-hanoi-'));
  try {
    const path = join(dir, 'tower.db');
    const args = [path, values.disks, values.error, values.correlated, values.seed];
    const from = performance.now();
    let killed = 0;
    let rssMbStart = 0;
    let end: Said | undefined;
    while (end === undefined) {
      const stopAt = killed < kills ? Math.round(((killed + 1) * least) / (kills + 1)) : Infinity;
      const one = await work(args, stopAt);
      if (rssMbStart === 0) rssMbStart = one.firstRssMb;
      if (one.end === undefined) killed++;
      else end = one.end;
    }
    const seconds = (performance.now() - from) / 1_000;
    const checked = await check(path, disks);
    const done = end.done!;
    const result = {
      moves: done.moves,
      wrong: checked.wrong,
      illegalMoves: checked.illegal,
      answers: done.answers,
      answersPerMove: Number((done.answers / done.moves).toFixed(4)),
      answersPerS: Math.round(done.answers / seconds),
      kills: killed,
      rssMbStart,
      rssMbEnd: end.rssMb,
      illegalAnswers: done.illegal,
      legalDissent: done.dissent,
      askedAnew: done.anew,
      k: done.k,
      seconds: Number(seconds.toFixed(1)),
      // A legal slip is two fifths of all; what is illegal never votes.
      failureExpected: Number((least * (1 - chanceRight(1 - 0.4 * Number(values.error), done.k))).toExponential(1)),
    };
    console.log(
      values.json
        ? JSON.stringify(result)
        : Object.entries(result)
            .map(([k, v]) => `${k}: ${v}`)
            .join('\n'),
    );
    return checked.moves === done.moves ? 0 : 1;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};

/** Lets a process work until it has come so far, and then kills it, or until it is done. */
function work(args: readonly string[], stopAt: number): Promise<{ firstRssMb: number; end?: Said }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--no-warnings', join(import.meta.dirname, 'child.ts'), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let firstRssMb = 0;
    let end: Said | undefined;
    let killing = false;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said = JSON.parse(line) as Said;
      if (firstRssMb === 0 && (said.moves ?? Infinity) >= WARM_MOVES) firstRssMb = said.rssMb;
      if (said.done !== undefined) end = said;
      else if (said.moves! >= stopAt && !killing) {
        killing = true;
        child.kill('SIGKILL');
      }
    });
    child.once('close', (code) => {
      if (end !== undefined || killing) resolve({ firstRssMb, end });
      else reject(new Error(`the worker ended with ${code} before it was done`));
    });
  });
}
