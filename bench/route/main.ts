/** `npm run bench -- route`: choosing among many, learning whom to ask, recorded answers, hedging. */
import { parseArgs } from 'node:util';
import { Fault } from '../../src/base/index.ts';
import { measureHedging } from './hedging.ts';
import { measureScale, type Scale } from './index-scale.ts';
import { type Tried, tryLarge } from './large.ts';
import { learn } from './learning.ts';
import { DEFAULT_BY } from '../../src/site/route/index.ts';
import { type Answers, findAnswers, readAnswers, replayRecorded } from './recorded.ts';
import { sayHedging, sayIndex, sayLearning, sayRecorded, sayShelves, sayTried } from './say.ts';
import { measureShelves } from './shelves.ts';

export const about = 'whom to ask: index speed and recall, learning against yardsticks, recorded answers, hedging';

/** Beyond so many agents time and memory are limited. */
const LARGE = 200_000;

export const usage = `usage: npm run bench -- route [flags]

  --only PARTS    of index, learning, recorded, hedging, shelves (comma between)
  --sizes LIST    agents in the index (10000,100000,1000000); more than 200000 are tried in a process of their own,
  --limit-s N     for at most so many seconds (120)
  --limit-mb N    and with at most so much memory (8192)
  --seeds N       markets (10), and as many of other seeds (held-out)
  --tasks N       tasks of a market (20000)
  --steps N       steps of each side of hedging (3000)
  --data FILE     recorded answers (default: ../shared/data/mmlu-pro-answers.jsonl beside the repository)
  --json          the last line is one JSON object

It measures routing alone: no model is asked, agents of the markets are simulated (src/lab/market), the recorded answers
are real. It does not measure agents that collude, tasks without a category, or embeddings of a model.`;

const PARTS = new Set(['index', 'learning', 'recorded', 'hedging', 'shelves']);

export async function run(flags: string[]): Promise<number> {
  try {
    return await runParts(flags);
  } catch (thrown) {
    if (!isMistake(thrown)) throw thrown;
    console.error(`${thrown.message}\n\n${usage}`);
    return 2;
  }
}

/** Of who called it: a flag that is none, a file that is not there. */
function isMistake(thrown: unknown): thrown is Error {
  if (thrown instanceof Fault) return true;
  return thrown instanceof TypeError && 'code' in thrown && String(thrown.code).startsWith('ERR_PARSE_ARGS');
}

function numberOf(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new Fault('input.invalid', `--${flag} should be a number above 0, not '${text}'`);
}

/** Before anything is measured: what is missing is said at once. */
function answersOf(wanted: boolean, given: string | undefined): Answers | undefined {
  const path = wanted ? findAnswers(given) : undefined;
  return path === undefined ? undefined : readAnswers(path);
}

async function runParts(flags: string[]): Promise<number> {
  const { values } = parseArgs({
    args: flags,
    options: {
      only: { type: 'string', default: 'index,learning,recorded,hedging,shelves' },
      sizes: { type: 'string', default: '10000,100000,1000000' },
      'limit-s': { type: 'string', default: '120' },
      'limit-mb': { type: 'string', default: '8192' },
      seeds: { type: 'string', default: '10' },
      tasks: { type: 'string', default: '20000' },
      steps: { type: 'string', default: '3000' },
      data: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const parts = new Set(values.only.split(','));
  for (const part of parts) if (!PARTS.has(part)) throw new Fault('input.invalid', `--only knows no part '${part}'`);
  const number = (flag: 'limit-s' | 'limit-mb' | 'seeds' | 'tasks' | 'steps') => numberOf(flag, values[flag]);
  const sizes = values.sizes.split(',').map((one) => numberOf('sizes', one));
  const answers = answersOf(parts.has('recorded'), values.data);
  const result: Record<string, unknown> = { policy: DEFAULT_BY };
  if (parts.has('learning') || parts.has('recorded')) console.log(`ours: by ${DEFAULT_BY}, the product's default\n`);
  if (parts.has('learning')) {
    const [tasks, seeds] = [number('tasks'), number('seeds')];
    const main = learn('12 agents, 5 categories, 30% drift', { agents: 12, tasks }, seeds);
    const hard = learn('20 agents, 5 categories, 30% drift', { agents: 20, tasks }, seeds);
    const fresh = learn('the same, of seeds that nobody looked at before', { agents: 12, tasks }, seeds, 'held-out');
    for (const one of [main, hard, fresh]) console.log(sayLearning(one));
    result['regret'] = { ...main.regret, exponent: main.exponent };
    result['drift'] = { tasksTo95: main.tasksTo95, between: main.between, informed: main.informed, after: main.after };
    result['heldOut'] = {
      ...fresh.regret,
      exponent: fresh.exponent,
      tasksTo95: fresh.tasksTo95,
      between: fresh.between,
      informed: fresh.informed,
      after: fresh.after,
    };
    result['hard'] = { ...hard.regret, exponent: hard.exponent, tasksTo95: hard.tasksTo95 };
  }
  if (parts.has('recorded')) {
    const points = answers === undefined ? [] : replayRecorded(answers);
    console.log(
      answers === undefined ? 'recorded answers: none found; name the file with --data\n' : sayRecorded(points),
    );
    result['recorded'] = points;
  }
  if (parts.has('hedging')) {
    const hedge = await measureHedging(number('steps'));
    console.log(sayHedging(hedge));
    result['hedge'] = hedge;
  }
  if (parts.has('shelves')) {
    const shelves = await measureShelves();
    console.log(sayShelves(shelves));
    result['shelves'] = shelves;
  }
  if (parts.has('index')) {
    const index: Record<string, Scale | Tried> = {};
    const limits = { seconds: number('limit-s'), mb: number('limit-mb') };
    for (const size of sizes) {
      if (size > LARGE) {
        const tried = await tryLarge(size, limits);
        console.log(sayTried(size, tried));
        index[size] = tried;
        continue;
      }
      const scale = await measureScale(size);
      console.log(sayIndex(size, scale));
      index[size] = scale;
    }
    result['index'] = index;
  }
  if (values.json) console.log(JSON.stringify(result));
  return 0;
}
