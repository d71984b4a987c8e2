/** `skein replay` */
import type { Command } from 'commander';
import { replay, type Replayed } from '../../../site/replay.ts';
import { addCommand } from '../command.ts';
import type { Door, SiteWords } from '../door.ts';
import { EXITS } from '../exits.ts';
import { brief, plain } from '../paint.ts';
import { mustBeThere } from '../there.ts';

export function registerReplay(program: Command, door: Door): void {
  addCommand(program, {
    name: 'replay <run>',
    brief: 'decide a run again from its journal, and compare',
    does: 'decide a run again from its journal, with no agent and no network, and compare every event',
    examples: [['replay r_0mwp', 'shows the first event that differs, if one does']],
    exits: { [EXITS.no]: 'it differs: the first difference is printed' },
  }).action((run: string, given: SiteWords) =>
    door.withStore(given, async (store) => {
      await mustBeThere(store, run);
      const replayed = await replay(store, run);
      door.tell(replayed, () => words(door, replayed));
      if (!replayed.equal) door.exitCode = EXITS.no;
    }),
  );
}

function words(door: Door, replayed: Replayed): string[] {
  const { run, turns, events, erased, asWritten, engine } = replayed;
  const taken = asWritten > 0 ? ` (${asWritten} turns hung on them and are taken as written)` : '';
  const gone = erased > 0 ? `, ${erased} payloads erased${taken}` : '';
  if (replayed.equal)
    return [`${door.paint('green', '✓')} ${run}: ${turns} turns, ${events} events decided again, equal${gone}`];
  const { at, trouble, expected, got } = replayed;
  const width = door.terminal.columns() - 12;
  return [
    `${door.paint('red', '✗')} ${run}: differs at event ${at} (written by ${engine}${gone})`,
    `  written  ${brief(expected, width) || 'nothing more'}`,
    `  decided  ${(trouble && plain(trouble)) ?? (brief(got, width) || 'nothing more')}`,
  ];
}
