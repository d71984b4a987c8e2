/** The code blocks of a document, and how each is brought to run. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

export interface Block {
  /** `docs/gates.md:12`. */
  at: string;
  lang: string;
  /** The file of a project that it is: blocks of one document that have names stand in one folder. */
  file: string;
  text: string;
}

export function documents(): string[] {
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...docs.sort().map((name) => `docs/${name}`)];
}

export function blocksOf(path: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | undefined;
  for (const [i, line] of readFileSync(join(root, path), 'utf8').split('\n').entries()) {
    const fence = /^\s*```(\S*)(?: (\S+))?/.exec(line);
    if (fence === null) {
      if (open !== undefined) open.text += `${line}\n`;
    } else if (open === undefined) {
      open = { at: `${path}:${i + 2}`, lang: fence[1]!, file: fence[2] ?? '', text: '' };
    } else {
      blocks.push(open);
      open = undefined;
    }
  }
  if (open !== undefined) throw new Error(`${open.at} has no end`);
  return blocks;
}

/** `skein/testing` as the file that package.json builds it from. */
export function sourceOf(name: string): string {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, { default: string } | string>;
  };
  const target = exports[name === 'skein' ? '.' : `.${name.slice('skein'.length)}`];
  if (target === undefined || typeof target === 'string') throw new Error(`the package does not export ${name}`);
  return join(root, target.default.replace('./dist/', 'src/').replace(/\.js$/, '.ts'));
}

/** Imports of the package are imports of its sources. */
export function localised(text: string): string {
  return text.replace(/from '(skein(?:\/[\w-]+)?)'/g, (_, name: string) => `from '${sourceOf(name)}'`);
}

/** Commands of a shell block, without prompts and comments; lines that end in `\` go on. */
export function commandsOf(text: string): string[] {
  return text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .flatMap((line) =>
      line
        .replace(/^\$ /, '')
        .replace(/(^|\s)#.*$/, '')
        .split(/ && | \| /),
    )
    .map((command) => command.trim())
    .filter((command) => command !== '');
}
