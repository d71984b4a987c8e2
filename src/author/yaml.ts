/** Plans as YAML or JSON text. Whatever is wrong is said with line and column. */
import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type Pair, visit } from 'yaml';
import type { Json } from '../base/index.ts';
import { type Finding, type Known, type Plan, readPlan } from '../model/index.ts';
import { checkPlan, mustBeRight } from './check.ts';
import { findingsBeside } from './partial.ts';

export interface ReadPlan {
  plan?: Plan;
  findings: Finding[];
}

/** Reads and checks; never throws. A plan comes only when the words can be read at all. */
export function readPlanText(text: string, known?: Known): ReadPlan {
  const lines = new LineCounter();
  // The library compares every key with every other: a long map of a stranger's would take seconds.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const broken: Broken[] = [...document.errors, ...document.warnings];
  if (broken.length === 0) broken.push(...mistakesIn(document));
  if (broken.length > 0) {
    const findings = broken.slice(0, MOST_MISTAKES).map((error): Finding => {
      const { line, col } = lines.linePos(error.pos[0]);
      const todo = TODO[error.code];
      const finding: Finding = { code: 'syntax', place: '', message: error.message, line, column: col };
      if (todo !== undefined) finding.todo = todo;
      return finding;
    });
    return { findings };
  }
  const root = document.contents;
  const place = (findings: Finding[]) => findings.map((finding) => located(finding, root, lines)).sort(byPlace);
  let words: Json;
  try {
    words = document.toJS({ maxAliasCount: 100 }) as Json;
  } catch (error) {
    return { findings: [{ code: 'syntax', place: '', message: (error as Error).message }] };
  }
  const { body, findings } = readPlan(words);
  if (body === undefined || findings.length > 0)
    return { plan: body, findings: place([...findings, ...findingsBeside(findings, words, known)]) };
  return { plan: body, findings: place(checkPlan(body, known)) };
}

/** Of a text that is wrong all over, this much is told. */
const MOST_MISTAKES = 100;

interface Broken {
  code: string;
  message: string;
  pos: [number, number];
}

/** Keys that are there twice, and what holds itself by its own alias: both read well and mean nothing. */
function mistakesIn(document: Document.Parsed): Broken[] {
  const found: Broken[] = [];
  const at = (node: unknown): [number, number] => {
    const start = (node as Node).range?.[0] ?? 0;
    return [start, start + 1];
  };
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value))
          found.push({ code: 'DUPLICATE_KEY', message: 'Map keys must be unique', pos: at(key) });
        seen.add(key.value);
      }
    },
    Alias(_, alias, path) {
      if (path.some((around) => 'anchor' in around && around.anchor === alias.source))
        found.push({ code: 'ALIAS', message: `'*${alias.source}' stands inside of what it names`, pos: at(alias) });
    },
  });
  return found;
}

/** The plan, or one fault that names everything that is wrong. */
export function parsePlan(text: string, options: { file?: string; known?: Known } = {}): Plan {
  const { plan, findings } = readPlanText(text, options.known);
  mustBeRight(findings, plan?.name ?? options.file ?? 'plan', options.file);
  return plan!;
}

function byPlace(a: Finding, b: Finding): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

const TODO: Record<string, string> = {
  TAB_AS_INDENT: 'Indent with spaces.',
  DUPLICATE_KEY: 'Rename one of them.',
  BAD_INDENT: 'Line it up with what it belongs to.',
  MISSING_CHAR: 'Close what was opened, or put the text into quotes.',
  BLOCK_AS_IMPLICIT_KEY: 'Put the text into quotes.',
};

/** The position of the deepest part of the place that stands in the text. */
function located(finding: Finding, root: Node | null, lines: LineCounter): Finding {
  let node: Node | null | undefined = root;
  let offset = node?.range?.[0];
  for (const part of partsOf(finding.place)) {
    const next = member(node, part);
    if (next === undefined) break;
    offset = next.offset ?? offset;
    node = next.value;
  }
  if (offset === undefined) return finding;
  const { line, col } = lines.linePos(offset);
  return { ...finding, line, column: col };
}

function member(
  node: Node | null | undefined,
  part: string,
): { offset: number | undefined; value: Node | null } | undefined {
  if (isMap(node)) {
    // A name may hold dots: the longest key that the rest of the place begins with.
    const pair = node.items.find((item) => String((item.key as { value?: unknown }).value ?? item.key) === part);
    return pair === undefined ? undefined : of(pair as Pair<Node, Node | null>);
  }
  if (isSeq(node)) {
    const item = node.items[Number(part)] as Node | undefined;
    return item === undefined ? undefined : { offset: item.range?.[0], value: item };
  }
  return undefined;
}

function of(pair: Pair<Node, Node | null>): { offset: number | undefined; value: Node | null } {
  return { offset: pair.key.range?.[0], value: pair.value };
}

/** `steps.a.after[0]` as its parts. */
function partsOf(place: string): string[] {
  return place.split(/\.|\[(\d+)\]/).filter((part) => part !== undefined && part !== '');
}
