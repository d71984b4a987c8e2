/** `skein verify` */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { errorText, Fault } from '../../../base/index.ts';
import { type Finding, type SignedHead, verifyStream, type VerifyOptions } from '../../../site/audit/index.ts';
import { addCommand } from '../command.ts';
import type { Door, SiteWords } from '../door.ts';
import { EXITS } from '../exits.ts';
import { counted, plain } from '../paint.ts';
import { mustBeThere } from '../there.ts';

interface Given extends SiteWords {
  head?: string;
  key?: string;
}

export function registerVerify(program: Command, door: Door): void {
  addCommand(program, {
    name: 'verify <run>',
    does: 'is this the journal that was written? Walks its chain and holds every payload against its hash',
    examples: [
      ['verify r_0mwp', 'edits, deletions and reorders show in the chain'],
      ['verify r_0mwp --head head.json', 'also a cut or rewritten end, against a head signed before'],
    ],
    exits: { [EXITS.no]: 'it is not: every finding is printed' },
  })
    .option('--head <file>', 'a signed head of this run that was kept elsewhere')
    .option('--key <key>', "the site's public key; without it a signature is held against the key it names")
    .action((run: string, given: Given) =>
      door.withStore(given, async (store) => {
        const info = await mustBeThere(store, run);
        const options: VerifyOptions = {
          signedHead: given.head === undefined ? undefined : readHead(resolve(door.terminal.folder, given.head)),
        };
        if (given.key !== undefined) options.publicKey = given.key;
        const findings = await verifyStream(store, run, options);
        door.tell({ run, events: info.head, head: info.hash, findings }, () => words(door, run, info.head, findings));
        if (findings.length > 0) door.exitCode = EXITS.no;
      }),
    );
}

function words(door: Door, run: string, events: number, findings: readonly Finding[]): string[] {
  if (findings.length === 0) return [`${door.paint('green', '✓')} ${run}: ${events} events, as they were written`];
  return [
    `${door.paint('red', '✗')} ${run}: ${counted(findings.length, 'finding')} in ${counted(events, 'event')}`,
    ...findings.map(({ kind, seq, detail }) => `  at ${seq}  ${kind}: ${plain(detail)}`),
  ];
}

function readHead(file: string): SignedHead {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as SignedHead;
  } catch (thrown) {
    throw new Fault('input.invalid', `${file} holds no signed head: ${errorText(thrown)}`, {
      detail: { next: 'Name the file that the head was kept in; without --head the chain alone is walked.' },
    });
  }
}
