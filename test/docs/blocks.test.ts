/** Every code block of the README and the documents is run: what a reader copies works. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parsePlan } from '../../src/author/index.ts';
import { configSchema } from '../../src/site/config/schema.ts';
import { type Block, blocksOf, commandsOf, documents, localised, root } from './blocks.ts';

const LIMIT_MS = 60_000;
let dir: string;
beforeAll(() => {
  // Inside of the project, so that its dependencies are found.
  mkdirSync(join(root, '.skein'), { recursive: true });
  dir = mkdtempSync(join(root, '.skein/docs-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const all = documents().flatMap(blocksOf);
const documentOf = ({ at }: Block): string => at.split(':')[0]!;
const of = (...langs: string[]) => all.filter((block) => langs.includes(block.lang));

test('every block says what it is', () => {
  const known = new Set(['ts', 'js', 'yaml', 'json', 'jsonl', 'sh', 'text', 'http', 'sql', 'mermaid']);
  expect(all.filter((block) => !known.has(block.lang)).map((block) => `${block.at} ${block.lang}`)).toEqual([]);
});

describe('programs run', () => {
  test.each(of('ts', 'js').map((block) => [block.at, block] as const))('%s', { timeout: LIMIT_MS }, (at, block) => {
    const home = mkdtempSync(join(dir, 'run-'));
    const beside =
      block.file === '' ? [] : all.filter((one) => one.file !== '' && documentOf(one) === documentOf(block));
    const file = join(home, block.file === '' ? `block.${block.lang}` : block.file);
    for (const one of beside) {
      mkdirSync(dirname(join(home, one.file)), { recursive: true });
      writeFileSync(join(home, one.file), localised(one.text));
    }
    if (beside.length === 0) writeFileSync(file, localised(block.text));
    const run = spawnSync(process.execPath, ['--no-warnings', file], {
      cwd: home,
      encoding: 'utf8',
      timeout: LIMIT_MS,
    });
    expect(run.status, `${at}\n${run.stdout}\n${run.stderr}`).toBe(0);
  });
});

describe('data is right', () => {
  test.each(of('yaml').map((block) => [block.at, block] as const))('%s', (_at, block) => {
    if (/^steps:/m.test(block.text)) parsePlan(block.text);
    else configSchema.parse(parse(block.text));
  });
  test.each(of('json').map((block) => [block.at, block] as const))('%s', (_at, block) => {
    expect(() => JSON.parse(block.text)).not.toThrow();
  });
});

describe('commands are there', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const help = new Map<string, string>();

  function helpOf(words: string[]): string {
    const key = words.join(' ');
    if (!help.has(key)) {
      const main = join(root, 'src/doors/cli/main.ts');
      const run = spawnSync(process.execPath, ['--no-warnings', main, ...words, '--help'], {
        encoding: 'utf8',
        timeout: LIMIT_MS,
      });
      help.set(key, run.status === 0 ? run.stdout : `unknown: ${run.stderr}`);
    }
    return help.get(key)!;
  }

  const commands = of('sh').flatMap((block) => commandsOf(block.text).map((command) => [block.at, command] as const));
  test.each(commands)('%s: %s', { timeout: LIMIT_MS }, (_at, command) => {
    const words = command.split(/\s+/);
    const script = /^npm run (?:-s )?(\S+)/.exec(command)?.[1];
    if (script !== undefined) expect(Object.keys(scripts)).toContain(script);
    const at =
      words[0] === 'skein'
        ? 0
        : words[0] === 'npx' && words[1] === 'skein'
          ? 1
          : script === 'skein'
            ? words.indexOf('--')
            : -1;
    if (at < 0) return;
    const rest = words.slice(at + 1);
    const name = rest.filter((word) => /^[a-z][a-z-]*$/.test(word));
    const deeper = ['lab', 'agents', 'token'].includes(rest[0]!) ? name.slice(0, 2) : name.slice(0, 1);
    const text = helpOf(deeper);
    expect(text).not.toMatch(/^unknown/);
    for (const flag of rest.filter((word) => word.startsWith('--')))
      expect(text).toContain(flag.split('=')[0]!.replace(/[\]"']+$/, ''));
  });
});
