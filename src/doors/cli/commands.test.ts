import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, describe, expect, test } from 'vitest';
import { wholeLab } from './commands/lab.ts';
import { completionOf, SHELLS } from './completion.ts';
import { createDoor } from './door.ts';
import { createProgram } from './program.ts';
import { testTerminal } from './fixtures/terminal.ts';

const program = createProgram(createDoor(testTerminal()), '0.0.0', await wholeLab());
const commands = flatten(program).filter((command) => command.commands.length === 0);
const folder = mkdtempSync(join(tmpdir(), 'skein-completion-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('every command', () => {
  test.each(commands.map((command) => [pathOf(command), command] as const))('%s', (path, command) => {
    const help = helpOf(command);
    expect(command.options.map(({ long }) => long)).toContain('--json');
    expect(command.description()).not.toBe('');
    expect(help).toContain(`Examples:\n  skein ${path.split(' ')[0]}`);
    expect(help).toMatch(/Exit codes:\n {2}0 /);
    expect(Math.max(...help.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});

test('the list of all commands has one line for each in 100 columns, and every one under a heading', () => {
  const text = createProgram(
    createDoor(testTerminal({ columns: () => 100 })),
    '0.0.0',
    new Command('lab'),
  ).helpInformation();
  const lines = text.slice(text.indexOf('\nRun:')).split('\n');
  for (const command of program.commands)
    expect(lines.filter((line) => `${line} `.startsWith(`  ${command.name()} `)).length).toBe(1);
  expect(lines.filter((line) => /^ {20,}/.test(line))).toEqual([]);
});

test.each(SHELLS)('completion for %s knows every command', (shell) => {
  const script = completionOf(program, shell);
  for (const command of program.commands) expect(script).toContain(command.name());
});

test('bash completes commands, inner commands and options', () => {
  const ask = (...words: string[]): string[] => {
    const body = `${completionOf(program, 'bash')}
COMP_WORDS=(skein ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _skein; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return spawnSync('bash', ['-c', body], { encoding: 'utf8', cwd: folder }).stdout.trim().split('\n');
  };
  expect(ask('ver')).toContain('verify');
  expect(ask('lab', '')).toContain('teeth');
  expect(ask('ps', '--st')).toEqual(['--store', '--status']);
  expect(ask('lab', 'sim', '--see')).toEqual(['--seeds', '--seed']);
});

function flatten(command: Command): Command[] {
  return [command, ...command.commands.flatMap(flatten)];
}

function pathOf(command: Command): string {
  return command.parent === null ? '' : `${pathOf(command.parent)} ${command.name()}`.trim();
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}
