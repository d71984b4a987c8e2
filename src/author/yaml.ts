/** Plans as YAML or JSON text. Whatever is wrong is said with line and column. */
import { isMap, isSeq, LineCounter, type Node, parseDocument, type Pair } from 'yaml';
import type { Json } from '../base/index.ts';
import { type Finding, type Known, type Plan, readPlan } from '../model/index.ts';
import { checkPlan, mustBeRight } from './check.ts';

export interface ReadPlan {
  plan?: Plan;
  findings: Finding[];
}

/** Reads and checks; never throws. A plan comes only when the words can be read at all. */
export function readPlanText(text: string, known?: Known): ReadPlan {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const broken = [...document.errors, ...document.warnings];
  if (broken.length > 0) {
    const findings = broken.map((error): Finding => {
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
  if (body === undefined || findings.length > 0) return { plan: body, findings: place(findings) };
  return { plan: body, findings: place(checkPlan(body, known)) };
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
