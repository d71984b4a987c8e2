/** One seed: a world, a site of one to three processes, some runs, trouble, and then quiet. */
import { createSeededChance, type Json } from '../../base/index.ts';
import { planWorkflow } from '../../author/index.ts';
import { planHash } from '../../site/admission.ts';
import type { Plan } from '../../model/index.ts';
import { CALM } from './agents.ts';
import { checkFinal } from './check-final.ts';
import type { Disk } from './disk.ts';
import { createMemoryDisk } from './disk-memory.ts';
import { createSqliteDisk } from './disk-sqlite.ts';
import { drawJobs, type Flows } from './draw-jobs.ts';
import { type CrashAt, createTrouble, drawFaults, type FaultMix } from './faults.ts';
import { createFindings, type Finding } from './finding.ts';
import { createNodes, type Nodes, type Plant } from './nodes.ts';
import { checkEdited } from './check-edits.ts';
import type { Program } from './edited-code.ts';
import { createObserver, type Observer } from './observer.ts';
import { createPeople, isAskedOtherwise, type Job, rightsOf } from './people.ts';
import { createTruth } from './truth.ts';
import { firstDifference, liveText } from './views.ts';
import { createWorld, type World } from './world.ts';

export type SimStore = 'memory' | 'sqlite';

export interface SeedOptions {
  keepTrace?: boolean;
  /** A bug, planted anew in every world. */
  plant?: () => Plant;
  /** Instead of what the seed draws. */
  jobs?: readonly Job[];
  /** Plans that children of these jobs are of. */
  subs?: readonly Plan[];
  /** Where journals are kept. Default: memory. */
  store?: SimStore;
  /** How its runs are written. Default: both ways, in one seed of three with edits in flight, and in some with poison. */
  flows?: Flows;
  mix?: FaultMix;
  /** Whether outcomes hang on nothing but inputs; else the seed says. */
  steady?: boolean;
  /** Changes what the seed drew: more of the trouble that is looked for. */
  tune?: (mix: FaultMix) => FaultMix;
  crashAt?: CrashAt;
  /** Code that is edited has only this program from the beginning. */
  program?: Program;
  /** What outcomes should be; else a run without trouble is made to know. */
  expected?: ReadonlyMap<string, End>;
}

export interface SeedResult {
  seed: number | string;
  findings: readonly Finding[];
  traceHash: string;
  lines: readonly string[];
  ends: ReadonlyMap<string, End>;
  /** Commits that began. */
  places: number;
  events: number;
  steps: number;
  virtualMs: number;
  disk: Disk;
  jobs: readonly Job[];
}

export interface End {
  outcome: string;
  output: Json | undefined;
  fault: string | undefined;
}

/** In the quiet everything comes to its end within this. */
const QUIET_MS = 270_000;
/** Longer than any time limit here: the undo's, the stuck code's, the attempt's. */
const STILL_MS = 45_000;

export async function runSeed(seed: number | string, options: SeedOptions = {}): Promise<SeedResult> {
  const chance = createSeededChance(`seed ${seed}`);
  const drawn = chance.yes(0.5);
  const steady = options.steady ?? drawn;
  const flows = options.flows ?? 'all';
  const mix = options.mix ?? (options.tune ?? asItIs)(drawFaults(chance.split('faults'), steady, flows === 'all'));
  const { jobs, subs } =
    options.jobs === undefined
      ? drawJobs(chance.split('jobs'), steady, flows)
      : { jobs: options.jobs, subs: options.subs ?? [] };
  const edited = jobs.filter((job) => job.edit !== undefined);
  const isEdited = (run: string): boolean => edited.some((job) => job.run === run);
  const askedOtherwise = (run: string): boolean => jobs.some((job) => job.run === run && isAskedOtherwise(job));
  const world = createWorld(seed, options.keepTrace === true);
  const { trace } = world;
  const findings = createFindings((line) => trace.say(line));
  const disk: Disk =
    options.store === 'sqlite'
      ? await createSqliteDisk(world.chance.split('disk'), () => world.wallMs())
      : createMemoryDisk();
  const truth = createTruth();
  const holder: { nodes?: Nodes } = {};
  const nodesNow = (): Nodes => holder.nodes!;
  const trouble = createTrouble(world, disk, nodesNow, mix, CALM, options.crashAt);

  const people = createPeople({
    world,
    truth,
    chance: world.chance.split('people'),
    site() {
      const up = nodesNow().up();
      return up.length === 0 ? undefined : world.chance.pick(up).site;
    },
    start: (site, job, mayHaveRun) =>
      nodesNow().startAs(job.run, () =>
        site.start(job.flow, job.input, {
          id: job.run,
          by: { id: 'una', rights: ['task:start'] },
          budget: job.budget,
          mayHaveRun,
          deadlineMs: job.deadlineMs === undefined ? undefined : world.wallMs() + job.deadlineMs,
        }),
      ),
    viewOf: (run) => observer.views.get(run),
    views: () => observer.views.values(),
  });
  const observer: Observer = createObserver({
    disk,
    findings,
    rightsOf,
    edited: isEdited,
    askedOtherwise,
    clockJumps: mix.jump > 0,
    say: (line) => trace.say(line),
    has: (worker, needs) => nodesNow().has(worker, needs),
    onEvent: (view, event) => people.heard(view, event),
    onBackedUp: () => truth.backedUp(),
    onRolledBack(restored, streams) {
      if (restored) {
        nodesNow().forgetLives();
        truth.restored();
        people.restored((run) => streams.has(run));
      }
      people.lookAround();
    },
  });
  disk.watcher = observer;
  const nodes = createNodes({
    world,
    disk,
    chance: world.chance.split('nodes'),
    findings,
    observer,
    outside: {
      world,
      truth,
      findings,
      chance: world.chance.split('outside'),
      faults: () => trouble.reply(),
      crash: (process) => trouble.crash(process),
      viewOf: (run) => observer.views.get(run),
    },
    workers: mix.workers,
    durability: mix.durability,
    evictAfterMs: mix.evictAfterMs,
    snapshotEvents: mix.snapshotEvents,
    slow: mix.slow,
    rolling: mix.rolling,
    edited,
    redoes: (run) => isEdited(run) || askedOtherwise(run),
    program: options.program ?? 1,
    plans: [...jobs.flatMap(({ plan }) => plan ?? []), ...subs],
    plant: options.plant?.() ?? {},
    fate: (op, process) => trouble.fate(op, process),
    latencyMs: () => trouble.latencyMs(),
  });
  holder.nodes = nodes;

  for (const node of nodes.all) nodes.boot(node);
  for (const job of jobs) people.begin(job);
  skipWaits(world, disk);
  sample(world, nodes, observer, findings.add);
  trouble.begin();
  if (edited.length > 0 && options.program === undefined) trouble.edit();
  const finished = (): boolean =>
    !people.busy &&
    jobs.every((job) => people.started.has(job.run)) &&
    [...observer.views.values()].every(({ state }) => state.head === 0 || state.phase === 'ended');
  await world.run(mix.forMs, () => findings.list.length > 0);
  trouble.end();
  await untilStill(
    world,
    () => observer.appended,
    () => findings.list.length > 0 || finished(),
  );
  // What is still on its way arrives: late answers, second words.
  if (findings.list.length === 0) await world.run(2_000, () => false);

  const ends = new Map(jobs.map((job) => [job.run, endOf(observer, job.run)] as const));
  if (findings.list.length === 0) {
    const { acknowledged, told } = people;
    const streams = await disk.look();
    checkFinal({
      streams,
      findings,
      observer,
      truth,
      jobs,
      lives: nodes.lives,
      edited: isEdited,
      acknowledged,
      told,
    });
    if (edited.length > 0 && options.program === undefined) {
      const [one, two] = [await aloneEnds(seed, edited, 1), await aloneEnds(seed, edited, 2)];
      const { calls, lives, programOf } = nodes;
      const alone = { 1: one, 2: two };
      for (const job of edited)
        checkEdited(
          { findings, viewOf: (run) => observer.views.get(run), programOf, calls, lives, alone },
          job,
          ends.get(job.run)!,
        );
    }
    const expected = options.expected ?? (steady ? await calmEnds(seed, jobs, subs) : undefined);
    const replanned = steady ? await replannedEnds(seed, jobs, subs, observer) : new Map<string, End>();
    for (const job of jobs) {
      const wanted = replanned.get(job.run) ?? expected?.get(job.run);
      const got = ends.get(job.run)!;
      if (
        job.steady &&
        job.edit === undefined &&
        wanted !== undefined &&
        JSON.stringify(got) !== JSON.stringify(wanted)
      )
        findings.add('output.equal', job.run, `${JSON.stringify(got)} instead of ${JSON.stringify(wanted)}`);
    }
  }
  // Nothing of this world runs on.
  for (const node of nodes.all) node.process?.kill();
  await disk.close();
  return {
    seed,
    findings: findings.list,
    traceHash: trace.hash(),
    lines: trace.lines,
    ends,
    places: trouble.places,
    events: world.events,
    steps: [...observer.views.values()].reduce((sum, view) => sum + view.settled.size, 0),
    virtualMs: world.nowMs(),
    disk,
    jobs,
  };
}

export const NO_FAULTS: FaultMix = {
  workers: 1,
  forMs: 0,
  everyMs: 1_000,
  crash: 0,
  pause: 0,
  fight: 0,
  trouble: 0,
  jump: 0,
  power: 0,
  stop: 0,
  restore: 0,
  ioCrash: 0,
  ioLost: 0,
  ioRefused: 0,
  slowDisk: 0,
  reply: CALM,
  durability: 'due',
  evictAfterMs: Infinity,
  snapshotEvents: undefined,
  slow: false,
  rolling: false,
};

function asItIs(mix: FaultMix): FaultMix {
  return mix;
}

/** Until it is done, or nothing has been written for longer than anything may take. */
async function untilStill(world: World, written: () => number, done: () => boolean): Promise<void> {
  for (let before = -1, spent = 0; spent < QUIET_MS && before !== written(); spent += STILL_MS) {
    before = written();
    if (await world.run(STILL_MS, done)) return;
  }
}

async function calmEnds(
  seed: number | string,
  jobs: readonly Job[],
  subs: readonly Plan[],
): Promise<ReadonlyMap<string, End>> {
  const lasting: Job[] = [];
  for (const job of jobs) if (job.edit === undefined) lasting.push({ ...job, replan: undefined });
  return (await runCalm(seed, lasting, subs)).ends;
}

/** Of those whom another plan has reached: what they come to that have it from the beginning. */
async function replannedEnds(
  seed: number | string,
  jobs: readonly Job[],
  subs: readonly Plan[],
  { views }: Observer,
): Promise<ReadonlyMap<string, End>> {
  const other = jobs.flatMap((job): Job[] => {
    const now = views.get(job.run)?.state.planHash;
    const plans = [job.replan?.plan, job.replan?.another?.plan].filter((plan) => plan !== undefined);
    const plan = plans.find((one) => planHash(planWorkflow(one)) === now);
    return plan === undefined ? [] : [{ ...job, plan, replan: undefined }];
  });
  return other.length === 0 ? new Map() : calmEnds(seed, other, subs);
}

/** What code comes to that is never edited. */
async function aloneEnds(
  seed: number | string,
  jobs: readonly Job[],
  program: Program,
): Promise<ReadonlyMap<string, End>> {
  const how: SeedOptions = { jobs, program, mix: NO_FAULTS, expected: new Map() };
  return (await runSeed(`${seed} alone ${program}`, how)).ends;
}

/** The same runs where nothing goes wrong. */
export function runCalm(seed: number | string, jobs: readonly Job[], subs: readonly Plan[] = []): Promise<SeedResult> {
  return runSeed(`${seed} calm`, { jobs, subs, mix: NO_FAULTS, expected: new Map() });
}

function endOf(observer: Observer, run: string): End {
  for (let name = run; ;) {
    const state = observer.views.get(name)?.state;
    if (state?.outcome === 'continued' && state.next !== undefined) name = state.next;
    else return { outcome: state?.outcome ?? 'none', output: state?.output, fault: state?.fault?.code };
  }
}

/** Where everybody waits for an hour to pass, it passes at once. */
function skipWaits(world: World, disk: Disk): void {
  world.after(700, () => {
    const jump = (due: number): void => {
      if (due !== Infinity && due > world.wallMs() + 60_000) world.jump(due - world.wallMs());
    };
    world.hold(disk.nextDueMs().then(jump));
    skipWaits(world, disk);
  });
}

/** Now and then, the live states that have nothing unwritten are held against the fold of the journal. */
function sample(
  world: World,
  nodes: Nodes,
  observer: Observer,
  add: (c: 'fold.live', run: string, what: string) => void,
): void {
  world.after(150, () => {
    for (const { site } of nodes.all)
      for (const host of site?.worker.hosts.values() ?? []) {
        const view = observer.views.get(host.run);
        if (host.gone || host.flight !== undefined || host.turns.length > 0 || host.create !== undefined) continue;
        if (view === undefined || view.epoch !== host.epoch || view.state.head !== host.state.head) continue;
        const [fold, live] = [liveText(view.state), liveText(host.state)];
        if (fold !== live) add('fold.live', host.run, `at event ${host.state.head}: ${firstDifference(fold, live)}`);
      }
    sample(world, nodes, observer, add);
  });
}
