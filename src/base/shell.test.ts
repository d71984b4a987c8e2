import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellWord } from './shell.ts';

test('a word for a shell is one word there, and nothing in it is done', () => {
  const ids = ['r_1', 'all/b#2', 'of 7 May', "it's", '$(touch x)', '`id`', 'a;b', '#1', '~', '', '*', 'ü', 'a\nb'];
  for (const id of ids) {
    const heard = execFileSync('sh', ['-c', `printf '%s|' ${shellWord(id)}`], { encoding: 'utf8' });
    expect(heard).toBe(`${id}|`);
  }
});

test('what needs no quotes has none', () => {
  for (const id of ['run_01', 'all/b#2', 'a.b-c@1', 'https://x:1/y']) expect(shellWord(id)).toBe(id);
});
