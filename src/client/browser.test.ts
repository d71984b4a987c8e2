import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { readImports, readSources } from '../../test/house/sources.ts';

test('all that the client loads is ours and knows nothing of Node: a browser can have it as it is', () => {
  const sources = new Map(readSources('src').map((source) => [source.path, source]));
  const loaded = new Set<string>();
  const wrong: string[] = [];
  const load = (path: string): void => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const { target, typeOnly } of readImports(sources.get(path)!)) {
      if (typeOnly) continue;
      if (target?.startsWith('.') === true) load(posix.join(posix.dirname(path), target));
      else wrong.push(`${path} loads ${target}`);
    }
  };
  load('src/client/index.ts');
  expect(wrong).toEqual([]);
  expect(loaded).toContain('src/model/wire/paths.ts');
  expect([...loaded].filter((path) => /\b(?:Buffer|process|require)\b[.(]/.test(sources.get(path)!.text))).toEqual([]);
});
