// A few processes at once for each core, each holding a file while it works: few enough that the suite's servers get
// their share of a small machine, and enough that the clients do where others work beside them.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 50;
const PER_CORE = 4;

/** Resolves when there is a place; it is given back when the process ends. Without a folder there is no line. */
export async function takeTurn(folder: string | undefined): Promise<void> {
  if (folder === undefined) return;
  const places = Array.from({ length: PER_CORE * availableParallelism() }, (_, i) => join(folder, `turn-${i}`));
  for (;;) {
    for (const place of places) if (take(place)) return void process.on('exit', () => rmSync(place, { force: true }));
    await sleep(LOOK_MS);
  }
}

function take(place: string): boolean {
  try {
    writeFileSync(place, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    // Who was killed gives nothing back.
    if (!isHeld(place)) rmSync(place, { force: true });
    return false;
  }
}

function isHeld(place: string): boolean {
  try {
    const holder = Number(readFileSync(place, 'utf8'));
    // Just made, and not written yet.
    if (holder === 0) return true;
    process.kill(holder, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}
