/** Plants one bug after the other and sees whether the simulator catches it. */
import { runCampaign } from '../sim/campaign.ts';
import type { CheckId } from '../sim/finding.ts';
import { commandTeeth } from './of-commands.ts';
import { editTeeth } from './of-edits.ts';
import { otherTeeth } from './of-others.ts';
import { stateTeeth } from './of-states.ts';
import { storeTeeth } from './of-stores.ts';
import type { Tooth } from './tooth.ts';
import {
  DEADLY,
  DYING,
  EDITED,
  FAILING,
  FIGHTING,
  LOSSY,
  REPEATING,
  RESTORED,
  ROLLING,
  TIGHT,
  type Worlds,
} from './worlds.ts';

export const teeth: readonly Tooth[] = [...storeTeeth, ...commandTeeth, ...stateTeeth, ...otherTeeth, ...editTeeth];

/** Bugs that show in few worlds, and where they show more. */
const worlds: Record<string, Worlds> = {
  'double grant': TIGHT,
  'budget after the call': TIGHT,
  'continued twice': DYING,
  'end misread': DYING,
  'unknown taken as failed': LOSSY,
  'key of the attempt': LOSSY,
  'key of the worker': DYING,
  'fold forgets retry timers': FAILING,
  'no fence': FIGHTING,
  'answer counted twice': REPEATING,
  'restore unsaid': RESTORED,
  'budget after a restore': { ...RESTORED, ...TIGHT },
  'claims anything': ROLLING,
  'poison for ever': DEADLY,
  'poison let go': DEADLY,
  'set aside at once': DEADLY,
  ...Object.fromEntries(editTeeth.map(({ id }) => [id, EDITED])),
};

/** A bug that this many worlds do not show is missed. */
export const MOST_SEEDS = 400;

export interface Bite {
  tooth: Tooth;
  /** The seed that showed it; undefined = missed. */
  seed: number | undefined;
  seeds: number;
  check: CheckId | undefined;
  what: string;
}

/** `by`: go on until one of the checks that are meant for it has found it. */
export async function bite(tooth: Tooth, how: { from?: number; seeds?: number; by?: boolean } = {}): Promise<Bite> {
  const { from = 1, seeds = MOST_SEEDS } = how;
  const result: Bite = { tooth, seed: undefined, seeds: 0, check: undefined, what: '' };
  for (let seed = from; seed < from + seeds; seed++) {
    await runCampaign({
      from: seed,
      seeds: 1,
      plant: tooth.plant,
      ...worlds[tooth.id],
      twiceEvery: tooth.by.includes('trace.same') ? 1 : 0,
      onBad(_, findings) {
        const found = findings.find((f) => tooth.by.includes(f.check)) ?? findings[0]!;
        if (how.by === true && !tooth.by.includes(found.check)) return;
        result.seed = seed;
        result.check = found.check;
        result.what = found.what;
      },
    });
    result.seeds++;
    if (result.seed !== undefined) break;
  }
  return result;
}
