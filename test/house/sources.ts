// What the house tests look at: the TypeScript files of a tree, and what each of them imports.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';

export const repositoryRoot = join(import.meta.dirname, '..', '..');

export type Source = {
  /** From the root of the repository, with forward slashes: `src/base/time.ts`. */
  path: string;
  text: string;
};

export type Import = {
  /** Null when a dynamic import computes its target. */
  target: string | null;
  how: 'static' | 'dynamic';
  /** Erased before it runs: `import type { A }`. What is left of `import { type A }` still loads its module. */
  typeOnly: boolean;
  line: number;
};

export const isTest = (path: string): boolean => /\.test\.tsx?$/.test(path);

export function readSources(...folders: string[]): Source[] {
  return folders
    .filter((folder) => existsSync(join(repositoryRoot, folder)))
    .flatMap((folder) =>
      globSync(`${folder}/**/*.{ts,tsx,mts,cts}`, {
        cwd: repositoryRoot,
        exclude: (name) => name === 'node_modules' || name === 'dist',
      }),
    )
    .map((path) => path.split(sep).join('/'))
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(repositoryRoot, path), 'utf8') }));
}

export function readImports({ path, text }: Source): Import[] {
  const { program, errors } = parseSync(path, text);
  const broken = errors.find((error) => error.severity === 'Error');
  if (broken) throw new Error(`${path} cannot be parsed: ${broken.message}`);

  const found: Import[] = [];
  const add = (how: Import['how'], target: string | null, typeOnly: boolean, start: number) =>
    found.push({ target, how, typeOnly, line: text.slice(0, start).split('\n').length });

  new Visitor({
    ImportDeclaration({ source, importKind, start }) {
      add('static', source.value, importKind === 'type', start);
    },
    ExportNamedDeclaration({ source, exportKind, start }) {
      if (source) add('static', source.value, exportKind === 'type', start);
    },
    ExportAllDeclaration({ source, exportKind, start }) {
      add('static', source.value, exportKind === 'type', start);
    },
    ImportExpression({ source, start }) {
      add('dynamic', literalOf(source), false, start);
    },
    TSImportType({ source, start }) {
      add('static', literalOf(source), true, start);
    },
    CallExpression({ callee, arguments: [first], start }) {
      if (callee.type !== 'Identifier' || callee.name !== 'require' || !first) return;
      add('static', literalOf(first), false, start);
    },
  }).visit(program);

  return found.toSorted((a, b) => a.line - b.line);
}

function literalOf(node: { type: string; value?: unknown; quasis?: { value: { cooked: string | null } }[] }) {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node.type === 'TemplateLiteral' && node.quasis?.length === 1) return node.quasis[0]!.value.cooked;
  return null;
}
