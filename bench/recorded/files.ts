/** Recorded answers and verdicts: any file of these shapes will do. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Mistake } from '../mistake.ts';

export interface Item {
  /** What kind of question it is: a part of the skill. */
  part: string;
  gold: string;
  /** One for each model; `-` = none could be read. */
  answers: string[];
}

export interface Answers {
  models: string[];
  items: Item[];
}

export interface Pair {
  set: string;
  gold: 1 | 2;
  /** By judge: the winner in the given order, and with the two swapped, in the original numbering. */
  verdicts: Record<string, [string, string]>;
}

const ANSWERS = 'mmlu-pro-answers.jsonl';
const VERDICTS = 'llmbar-verdicts.jsonl';

export interface Files {
  answers?: string;
  verdicts?: string;
}

/** The first lines name the models; each further line is a question. */
export function readAnswers(path: string): Answers {
  const [head, ...lines] = readLines(path) as [{ models?: string[] }, ...Record<string, unknown>[]];
  const models = head?.models;
  if (!Array.isArray(models) || models.length === 0 || lines.length === 0)
    throw new Mistake(`${path}: the first line must name the \`models\`, and questions must follow`);
  const items = lines.map((line, i): Item => {
    const said = line.answers;
    const answers = typeof said === 'string' ? said.split('') : (said as string[]);
    const isRight =
      Array.isArray(answers) && answers.length === models.length && answers.every((one) => typeof one === 'string');
    if (!isRight || typeof line.gold !== 'string')
      throw new Mistake(`${path}, line ${i + 2}: wants \`gold\` and as many \`answers\` as there are models`);
    return { part: typeof line.category === 'string' ? line.category : 'all', gold: line.gold, answers };
  });
  return { models, items };
}

export function readVerdicts(path: string): Pair[] {
  const pairs = readLines(path)
    .filter((line) => line.verdicts !== undefined)
    .map((line, i): Pair => {
      const gold = Number(line.gold);
      if (gold !== 1 && gold !== 2) throw new Mistake(`${path}, pair ${i + 1}: \`gold\` is 1 or 2`);
      const said = Object.entries((line.verdicts ?? {}) as Record<string, unknown>);
      const verdicts = Object.fromEntries(said.map(([judge, two]) => [judge, twoOf(two)]));
      const bad = said.find(([judge]) => verdicts[judge] === undefined);
      if (said.length === 0 || bad !== undefined)
        throw new Mistake(`${path}, pair ${i + 1}: wants of each judge two verdicts, 1, 2 or something else for none`);
      return { set: typeof line.set === 'string' ? line.set : 'all', gold, verdicts: verdicts as Pair['verdicts'] };
    });
  if (pairs.length === 0) throw new Mistake(`${path}: no line has \`verdicts\` and \`gold\``);
  return pairs;
}

function twoOf(said: unknown): [string, string] | undefined {
  const two = typeof said === 'string' ? said.split('') : said;
  return Array.isArray(two) && two.length === 2 ? [String(two[0]), String(two[1])] : undefined;
}

/** `--answers` and `--verdicts` name files; else they are looked for in `--data`, beside the repository by default. */
export function findFiles(flags: { data?: string; answers?: string; verdicts?: string }): Files {
  const dir = flags.data ?? beside();
  const at = (named: string | undefined, name: string): string | undefined => {
    if (named !== undefined) return named;
    const path = join(dir, name);
    return existsSync(path) ? path : undefined;
  };
  const files: Files = { answers: at(flags.answers, ANSWERS), verdicts: at(flags.verdicts, VERDICTS) };
  if (flags.data !== undefined && files.answers === undefined && files.verdicts === undefined)
    throw new Mistake(`${dir} holds neither ${ANSWERS} nor ${VERDICTS}: name a file with --answers or --verdicts`);
  return files;
}

function readLines(path: string): Record<string, unknown>[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    throw new Mistake(`${path} cannot be read: ${(thrown as Error).message}`);
  }
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return [];
    let one: unknown;
    try {
      one = JSON.parse(line);
    } catch {
      throw new Mistake(`${path}, line ${i + 1}: this is not JSON`);
    }
    if (typeof one !== 'object' || one === null) throw new Mistake(`${path}, line ${i + 1}: this is not an object`);
    return [{ ...one }];
  });
}

/** `../shared/data` from the repository, or from where the repository's worktrees stand. */
function beside(): string {
  const repository = join(import.meta.dirname, '..', '..');
  const near = join(repository, '..', 'shared', 'data');
  return existsSync(near) ? near : join(repository, '..', '..', 'shared', 'data');
}
