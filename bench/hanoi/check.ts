/** Plays the journal's moves on a tower of its own: what it counts does not come from the workflow. */
import { decodeRecord, type EncodedRecord } from '../../src/model/index.ts';
import type { Store } from '../../src/ports/store/index.ts';
import { createSqliteStore } from '../../src/ports/store/sqlite.ts';
import type { Turn } from './solve.ts';
import { apply, bestMove, firstTower, isDone, isLegal } from './tower.ts';

/** Records at a time: a million moves do not fit into memory at once. */
const PAGE = 64;

async function* recordsOf(store: Store): AsyncGenerator<EncodedRecord> {
  for (let from = 1; ;) {
    const page = await store.read('tower', { from, limit: PAGE });
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    from = last.seq + last.count;
  }
}

export async function check(path: string, disks: number): Promise<{ moves: number; wrong: number; illegal: number }> {
  const store = createSqliteStore({ path });
  const pegs = firstTower(disks);
  let moves = 0;
  let wrong = 0;
  let illegal = 0;
  let done = false;
  for await (const record of recordsOf(store)) {
    for (const { events } of decodeRecord(record))
      for (const event of events) {
        if (event.type !== 'loop.turned') continue;
        const turns = (event.first === undefined ? [event.data] : event.data) as unknown as Turn[];
        for (const { said } of turns) {
          const move = Number(said.split('x')[0]);
          moves++;
          if (!isLegal(pegs, move)) {
            illegal++;
            continue;
          }
          if (move !== bestMove(pegs)) wrong++;
          apply(pegs, move);
        }
        done = isDone(pegs);
      }
  }
  await store.close();
  if (!done) throw new Error('the journal does not lead to the goal');
  return { moves, wrong, illegal };
}
