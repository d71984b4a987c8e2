/** Recorded answers and verdicts: any file of these shapes will do. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

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

export interface Files {
  answers?: string;
  verdicts?: string;
}

/** The first lines name the models; each further line is a question. */
export function readAnswers(path: string): Answers {
  const [head, ...lines] = readLines(path) as [{ models?: string[] }, ...Record<string, unknown>[]];
  const models = head?.models;
  if (!Array.isArray(models) || lines.length === 0)
    throw new Error(`${path}: the first line must name the \`models\`, and questions must follow`);
  const items = lines.map((line, i): Item => {
    const said = line.answers;
    const answers = typeof said === 'string' ? said.split('') : (said as string[]);
    if (!Array.isArray(answers) || answers.length !== models.length || typeof line.gold !== 'string')
      throw new Error(`${path}, line ${i + 2}: wants \`gold\` and as many \`answers\` as there are models`);
    return { part: typeof line.category === 'string' ? line.category : 'all', gold: line.gold, answers };
  });
  return { models, items };
}

export function readVerdicts(path: string): Pair[] {
  return readLines(path)
    .filter((line) => line.verdicts !== undefined)
    .map((line, i): Pair => {
      const gold = Number(line.gold);
      if (gold !== 1 && gold !== 2) throw new Error(`${path}, pair ${i + 1}: \`gold\` is 1 or 2`);
      const verdicts = Object.fromEntries(
        Object.entries(line.verdicts as Record<string, string>).map(([judge, two]) => [
          judge,
          [two[0] ?? '-', two[1] ?? '-'],
        ]),
      ) as Pair['verdicts'];
      return { set: typeof line.set === 'string' ? line.set : 'all', gold, verdicts };
    });
}

/** `--answers` and `--verdicts` name files; else they are looked for in `--data`, beside the repository by default. */
export function findFiles(flags: { data?: string; answers?: string; verdicts?: string }): Files {
  const dir = flags.data ?? beside();
  const at = (named: string | undefined, name: string): string | undefined => {
    if (named !== undefined) return named;
    const path = join(dir, name);
    return existsSync(path) ? path : undefined;
  };
  return {
    answers: at(flags.answers, 'mmlu-pro-answers.jsonl'),
    verdicts: at(flags.verdicts, 'llmbar-verdicts.jsonl'),
  };
}

function readLines(path: string): Record<string, unknown>[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, i) => {
      try {
        return JSON.parse(line) as Record<string, unknown>;
      } catch {
        throw new Error(`${path}, line ${i + 1}: this is not JSON`);
      }
    });
}

/** `../shared/data` from the repository, or from where the repository's worktrees stand. */
function beside(): string {
  const repository = join(import.meta.dirname, '..', '..');
  const near = join(repository, '..', 'shared', 'data');
  return existsSync(near) ? near : join(repository, '..', '..', 'shared', 'data');
}
