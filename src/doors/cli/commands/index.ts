/** Every command: one file each, one line here, in the order of the help. */
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

const registers: readonly ((program: Command, door: Door) => void)[] = [
  registerRun,
  registerUp,
  registerMcp,
  registerPs,
  registerShow,
  registerWhy,
  registerTail,
  registerJournal,
  registerCancel,
  registerApprove,
  registerDeny,
  registerDrift,
  registerReplan,
  registerSignal,
  registerVerify,
  registerReplay,
  registerFaults,
  registerFork,
  registerDiff,
  registerAgents,
  registerTrust,
  registerOutcome,
  registerToken,
  registerCheck,
  registerBackup,
  registerRestore,
  registerInit,
  registerCompletion,
];

export function registerAll(program: Command, door: Door): void {
  for (const register of registers) register(program, door);
}
