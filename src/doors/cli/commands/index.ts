/** Every command: one file each, one line here, in the order of the help. */
import type { Command } from 'commander';
import type { Door } from '../door.ts';
import { registerCompletion } from './completion.ts';
import { registerLab } from './lab.ts';
import { registerPs } from './ps.ts';
import { registerReplay } from './replay.ts';
import { registerVerify } from './verify.ts';

const registers: readonly ((program: Command, door: Door) => void)[] = [
  registerPs,
  registerVerify,
  registerReplay,
  registerCompletion,
  registerLab,
];

export function registerAll(program: Command, door: Door): void {
  for (const register of registers) register(program, door);
}
