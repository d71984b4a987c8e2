/** Every command: one file each, one line here, in the order and under the headings of the help. */
import type { Command } from 'commander';
import type { Door } from '../door.ts';
import { registerAgents } from './agents.ts';
import { registerApprove, registerDeny } from './approve.ts';
import { registerBackup } from './backup.ts';
import { registerCancel } from './cancel.ts';
import { registerCheck } from './check.ts';
import { registerCompletion } from './completion.ts';
import { registerDiff } from './diff.ts';
import { registerDrift } from './drift.ts';
import { registerFaults } from './faults.ts';
import { registerFork } from './fork.ts';
import { registerInit } from './init.ts';
import { registerJournal } from './journal.ts';
import { registerMcp } from './mcp.ts';
import { registerPs } from './ps.ts';
import { registerReplay } from './replay.ts';
import { registerReplan } from './replan.ts';
import { registerRestore } from './restore.ts';
import { registerRun } from './run.ts';
import { registerShow } from './show.ts';
import { registerSignal } from './signal.ts';
import { registerTail } from './tail.ts';
import { registerToken } from './token.ts';
import { registerOutcome, registerTrust } from './trust.ts';
import { registerUp } from './up.ts';
import { registerVerify } from './verify.ts';
import { registerWhy } from './why.ts';

export const BEGIN = 'Begin:';

type Register = (program: Command, door: Door) => void;

const groups: readonly (readonly [heading: string, registers: readonly Register[]])[] = [
  ['Run:', [registerRun, registerUp, registerMcp]],
  ['Look:', [registerPs, registerShow, registerTail, registerJournal, registerWhy, registerFaults]],
  [
    'Say:',
    [registerApprove, registerDeny, registerSignal, registerCancel, registerDrift, registerReplan, registerOutcome],
  ],
  ['Prove and compare:', [registerVerify, registerReplay, registerFork, registerDiff]],
  ['The site:', [registerAgents, registerTrust, registerToken, registerCheck, registerBackup, registerRestore]],
  [BEGIN, [registerInit, registerCompletion]],
];

export function registerAll(program: Command, door: Door): void {
  for (const [heading, registers] of groups) {
    program.commandsGroup(heading);
    for (const register of registers) register(program, door);
  }
}
