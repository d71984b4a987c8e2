/** `skein signal` */
import type { Command } from 'commander';
import { nearest } from '../../../base/index.ts';
import { type RunState } from '../../../model/index.ts';
import { addCommand } from '../command.ts';
import type { Door, SiteWords } from '../door.ts';
import { readGivenJson } from '../given-json.ts';
import { type ByWords, principalOf, withBy } from '../principal.ts';
import { carriedBy, lastOfChain } from '../there.ts';
import { heardBy } from '../workers.ts';

interface Given extends SiteWords, ByWords {
  data?: string;
  id?: string;
}

export function registerSignal(program: Command, door: Door): void {
  const made = addCommand(program, {
    name: 'signal <run> <name>',
    does: 'send a signal to a run; it is kept until a step waits for it',
    examples: [[`signal r_0mwp paid --data '{"cents":1200}'`, 'what the waiting step gets']],
  })
    .option('--data <json>', 'its content: JSON, @file, or - for standard input')
    .option('--id <id>', 'said twice under one id, it counts once');
  withBy(made).action((run: string, name: string, given: Given) =>
    door.withAsker(given, async (site) => {
      const { stream: to, status } = await lastOfChain(site.store, run);
      const data = given.data === undefined ? undefined : readGivenJson(given.data, door.terminal, '--data');
      // By the name that was given: one of the chain before the last may have heard this very id.
      await site.signal(run, name, data, { id: given.id, by: principalOf(given) });
      const isOver = status === 'ended';
      const heard = isOver ? 'it was heard before' : await heardBy(site.store, to);
      const waiting = waitedFor(await site.state(to));
      door.tell({ run, to, signal: name, heard, waiting }, () => [
        `signal '${name}' is sent to ${carriedBy(run, to)}; ${heard}`,
        ...(isOver || waiting.includes(name) ? [] : [kept(name, waiting)]),
      ]);
    }),
  );
}

/** What open steps wait for now. Others may come: the signal is kept for them. */
function waitedFor({ steps }: RunState): string[] {
  const open = [...steps.values()].filter(({ kind, settledSeq }) => kind === 'signal' && settledSeq === 0);
  return [...new Set(open.flatMap(({ spec: { signal } }) => signal ?? []))];
}

function kept(name: string, waiting: readonly string[]): string {
  const those =
    waiting.length === 0 ? 'nothing' : `${waiting.map((one) => `'${one}'`).join(', ')}${nearest(name, waiting)}`;
  return `no step waits for '${name}' now, and it is kept; waited for: ${those}`;
}
