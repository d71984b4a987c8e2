/** One call of the command line, from its arguments to its exit code. */
import { Fault, faultToData, toFault } from '../../base/index.ts';
import { loadLab } from './commands/lab.ts';
import { createDoor, type Door } from './door.ts';
import { EXITS, exitOf } from './exits.ts';
import { isAnswered } from './misuse.ts';
import { nextOf } from './next.ts';
import { plain } from './paint.ts';
import { createProgram } from './program.ts';
import type { Terminal } from './terminal.ts';

export async function runCommandLine(args: readonly string[], terminal: Terminal, version: string): Promise<number> {
  const door = createDoor(terminal);
  // Until its command is known, what the call itself says is all there is to go by.
  door.json = args.includes('--json');
  try {
    await createProgram(door, version, await loadLab(args)).parseAsync(args, { from: 'user' });
  } catch (thrown) {
    if (isAnswered(thrown)) return EXITS.done;
    const fault = ofSystem(thrown) ?? toFault(thrown, 'internal');
    tellFault(door, fault);
    door.exitCode = exitOf(fault);
  }
  return door.exitCode;
}

/** What the machine refuses is no bug of ours. */
function ofSystem(thrown: unknown): Fault | undefined {
  if (!(thrown instanceof Error) || !('syscall' in thrown)) return undefined;
  const { code, path } = thrown as NodeJS.ErrnoException;
  const where = path ?? 'that place';
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new Fault('store.full', thrown.message, { cause: thrown, detail: { path: where } });
  if (code !== 'EACCES' && code !== 'EPERM' && code !== 'EROFS') return undefined;
  const next = `Let this user write to ${where}, or choose another folder.`;
  return new Fault('rights.missing', thrown.message, { cause: thrown, detail: { path: where, next } });
}

export function tellFault(door: Door, fault: Fault): void {
  const { terminal, paint } = door;
  if (door.json) {
    const { next: _, ...detail } = fault.detail ?? {};
    const data = { ...faultToData(fault), detail, next: nextOf(fault, door) };
    return terminal.err(`${JSON.stringify({ fault: data })}\n`);
  }
  // Several lines of findings keep their lines; what comes from agents must not speak to the terminal.
  const message = fault.message.split('\n').map(plain).join('\n');
  terminal.err(`${paint('red', fault.code)}: ${message}\n${paint('dim', 'next:')} ${nextOf(fault, door)}\n`);
}
