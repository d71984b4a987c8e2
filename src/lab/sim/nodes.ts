/** The processes of a simulated site: each boots a real site over its wire to the disk, and dies. */
import { type Chance, createSeededChance, type SeededChance } from '../../base/index.ts';
import { needsOf, planWorkflow, type Run } from '../../author/index.ts';
import type { Plan } from '../../model/index.ts';
import type { Agent } from '../../ports/agent/index.ts';
import type { Store } from '../../ports/store/index.ts';
import type { World as EditWorld } from '../trial/index.ts';
import { openSite, type Site, type SiteOptions } from '../../site/site.ts';
import { agentsFor, type Outside } from './agents.ts';
import type { Disk } from './disk.ts';
import { editedFlows, editWorld, type Program } from './edited-code.ts';
import type { MemoryDisk } from './disk-memory.ts';
import { type Ear, simFlows, simFunctions, VERSIONS, watched } from './flows/index.ts';
import type { Finding, Findings } from './finding.ts';
import type { Job } from './people.ts';
import type { Observer } from './observer.ts';
import { connect, type Fate } from './wire.ts';
import { createProcess, type SimProcess, type World } from './world.ts';

export interface Node {
  readonly at: number;
  process: SimProcess | undefined;
  site: Site | undefined;
}

/** One life of a run's code, and the results it got, in order. */
export interface Incarnation {
  run: string;
  epoch: number;
  /** False of one that lost its start to another: the disk never knew it. */
  born(): boolean;
  /** What its code was given. Stopped: told that it ends, when the end was on disk. */
  steps: { step: string; stopped: boolean }[];
  /** What its code asked for, and how many results it had then. */
  asked: Map<string, number>;
}

/** Where bugs are planted. All members are absent in a true run. */
export interface Plant {
  /** Of the memory store alone. */
  store?: (store: Store, disk: MemoryDisk) => Store;
  decide?: () => NonNullable<SiteOptions['decide']>;
  run?: (run: Run) => Run;
  agent?: (agent: Agent, process: SimProcess, world: World) => Agent;
  /** The disk says that it has written, and has not. */
  lies?: boolean;
}

export interface NodesOptions {
  world: World;
  disk: Disk;
  chance: SeededChance;
  findings: Findings;
  observer: Observer;
  outside: Omit<Outside, 'heldEpoch' | 'repeat' | 'isRedone' | 'namesOf' | 'editWorld' | 'called'>;
  workers: number;
  durability: 'due' | 'step';
  evictAfterMs: number;
  snapshotEvents: number | undefined;
  slow: boolean;
  /** Two versions of the program are there at once: a process has the one or the other. */
  rolling: boolean;
  /** Jobs whose code is edited in flight; the program that all begin with. */
  edited: readonly Job[];
  /** Settled steps of this run may be worked anew. */
  redoes(run: string): boolean;
  program: Program;
  /** Workflows as data that every process knows. */
  plans: readonly Plan[];
  plant: Plant;
  fate(op: string, process: SimProcess): Fate;
  latencyMs(): number;
}

export interface Nodes {
  readonly all: readonly Node[];
  readonly lives: readonly Incarnation[];
  /** What code was told before a backup was restored is held against no journal. */
  forgetLives(): void;
  boot(node: Node): void;
  /** From now on every process has all versions. */
  settle(): void;
  /** From now on who boots has the edited program. */
  edit(): void;
  /** What a worker of this name was; undefined where nothing is edited. */
  programOf(worker: string): Program | undefined;
  /** Calls of edited code, by runs that held their run. */
  readonly calls: readonly { run: string; text: string; program: Program }[];
  /** What a worker of this name can carry on. */
  has(worker: string, needs: string): boolean;
  crash(node: Node): void;
  nodeOf(process: SimProcess): Node | undefined;
  up(): Node[];
  /** The draws of the next start of this run come from its id: whoever starts it, it is the same. */
  startAs<T>(run: string, start: () => T): T;
}

/** What a site may run into where everything is as it should be. */
const EXPECTED = new Set([
  'site.stopped',
  'store.fenced',
  'store.io',
  'store.full',
  'store.busy',
  'store.unreachable',
  'run.poison',
]);

export function createNodes(options: NodesOptions): Nodes {
  const { world, disk, findings, observer } = options;
  const all: Node[] = Array.from({ length: options.workers }, (_, at) => ({ at, process: undefined, site: undefined }));
  const lives: Incarnation[] = [];
  const store = options.plant.store;
  const decide = options.plant.decide?.();
  const known = new Map<string, ReadonlySet<string>>();
  let rolling = options.rolling;
  let { program } = options;
  const programs = new Map<string, { program: Program; world: EditWorld }>();
  const calls: { run: string; text: string; program: Program }[] = [];
  let boots = 0;
  let drawAs: Chance | undefined;

  const nodeOf = (process: SimProcess): Node | undefined => all.find((node) => node.process === process);
  const hostOf = (process: SimProcess, run: string) => nodeOf(process)?.site?.worker.hosts.get(run);

  const outside: Outside = {
    ...options.outside,
    heldEpoch(process, run) {
      const host = hostOf(process, run);
      // Two that start the same run both work at once, until the disk says whose it is.
      return host !== undefined && (host.resumed || host.committed > 0) ? host.epoch : undefined;
    },
    repeat(process, run, answer) {
      nodeOf(process)?.site?.worker.post(run, { in: 'answer', ...answer });
    },
    isRedone: (process, run, step) =>
      options.redoes(run) && hostOf(process, run)?.state.steps.get(step)?.settledSeq === 0,
    namesOf(process, run, step) {
      const names = [step];
      for (const [was, id] of hostOf(process, run)?.state.renamed ?? []) if (id === step) names.push(was);
      return names;
    },
    editWorld: (process) => programs.get(process.name)?.world,
    called: (process, run, text) => void calls.push({ run, text, program: programs.get(process.name)!.program }),
  };

  function boot(node: Node): void {
    const process = createProcess(world, `w${node.at}.${boots++}`, options.slow);
    node.process = process;
    node.site = undefined;
    const edits = options.edited.length > 0;
    world.trace.say(`boots ${process.name}${edits ? ` with program ${program}` : ''}`);
    if (edits) programs.set(process.name, { program, world: editWorld(options.edited, program) });
    const own = options.chance.split(process.name);
    const chance: Chance = {
      next: () => own.next(),
      hex: (n) => (drawAs ?? own).hex(n),
    };
    const wire = connect({
      world,
      disk,
      process,
      chance: own,
      fate: options.fate,
      latencyMs: options.latencyMs,
      lies: options.plant.lies === true,
      crash: (dead) => {
        const found = nodeOf(dead);
        if (found !== undefined) crash(found);
      },
      acked: (_process, appends, results, barrier) => observer.acked(appends, results, barrier),
      view: () => (store === undefined ? disk.store : store(disk.store, disk as MemoryDisk)),
    });
    const began = (run: string): Ear => {
      const host = hostOf(process, run);
      const born = (): boolean => host !== undefined && (host.resumed || host.committed > 0);
      const life: Incarnation = { run, epoch: host?.epoch ?? 1, born, steps: [], asked: new Map() };
      lives.push(life);
      return {
        asked: (step) => void life.asked.set(step, life.steps.length),
        released(step, cancelled) {
          const ending = (observer.views.get(run)?.endingSeq ?? Infinity) < Infinity;
          life.steps.push({ step, stopped: cancelled && ending });
        },
      };
    };
    const versions = rolling ? [own.pick(VERSIONS)] : options.rolling ? VERSIONS : VERSIONS.slice(0, 1);
    const edited = programs.get(process.name);
    const workflows = [
      ...simFlows(versions, began, options.plant.run),
      ...options.plans.map(planWorkflow),
      ...(edited === undefined
        ? []
        : editedFlows(options.edited, edited.program, edited.world, (run) => watched(run, began(run.id)))),
    ];
    known.set(process.name, new Set(['', ...workflows.map(needsOf)]));
    void open(node, process, {
      store: wire,
      worker: process.name,
      clock: process.clock,
      chance,
      workflows,
      functions: simFunctions,
      agents: agentsFor(outside, process).map((agent) => options.plant.agent?.(agent, process, world) ?? agent),
      durability: options.durability,
      evictAfterMs: options.evictAfterMs,
      snapshotEvents: options.snapshotEvents,
      decide,
      // Figures of agents are no part of what a run promises.
      keepFacts: false,
      onTrouble(run, fault) {
        if (fault === undefined || EXPECTED.has(fault.code)) return;
        const finding: Finding = { check: 'trouble.none', run, what: `${fault.code}: ${fault.message}` };
        findings.add(finding.check, run, `${finding.what} ${fault.stack?.split('\n').slice(1, 4).join(' < ') ?? ''}`);
      },
    });
  }

  async function open(node: Node, process: SimProcess, how: SiteOptions): Promise<void> {
    try {
      const site = await openSite(how);
      if (node.process === process) node.site = site;
    } catch {
      // It could not join the store: tried again, as a supervisor would.
      if (node.process !== process) return;
      process.kill();
      world.after(50, () => node.process === process && boot(node));
    }
  }

  function crash(node: Node): void {
    const { process } = node;
    if (process === undefined || process.state === 'dead') return;
    world.trace.say(`crash of ${process.name}`);
    process.kill();
    node.site = undefined;
    // The kernel tells at once, a lease after a while.
    world.after(options.chance.int(150), () => disk.kill(process.name));
  }

  return {
    all,
    lives,
    forgetLives: () => void lives.splice(0),
    boot,
    settle() {
      rolling = false;
    },
    edit() {
      program = 2;
    },
    programOf: (worker) => programs.get(worker)?.program,
    calls,
    has: (worker, needs) => known.get(worker)?.has(needs) === true,
    crash,
    nodeOf,
    up: () => all.filter((node) => node.process?.state === 'up' && node.site !== undefined),
    startAs(run, start) {
      drawAs = createSeededChance(`start ${run}`);
      try {
        return start();
      } finally {
        drawAs = undefined;
      }
    },
  };
}
