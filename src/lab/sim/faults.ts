/** What goes wrong in a simulated site, and how often: drawn from the seed before it begins. */
import type { SeededChance } from '../../base/index.ts';
import type { ReplyFaults } from './agents.ts';
import type { Disk } from './disk.ts';
import type { Node, Nodes } from './nodes.ts';
import { type Fate, WELL } from './wire.ts';
import type { SimProcess, World } from './world.ts';

export interface FaultMix {
  workers: number;
  /** Virtual ms of trouble, before the healing quiet. */
  forMs: number;
  /** Between two faults. */
  everyMs: number;
  crash: number;
  pause: number;
  fight: number;
  trouble: number;
  jump: number;
  power: number;
  stop: number;
  /** A backup is made, or takes the place of everything. */
  restore: number;
  /** A call to the disk: crashed before, after, its answer lost. */
  ioCrash: number;
  ioLost: number;
  ioRefused: number;
  slowDisk: number;
  reply: ReplyFaults;
  durability: 'due' | 'step';
  evictAfterMs: number;
  snapshotEvents: number | undefined;
  slow: boolean;
  /** Processes have one of two versions of the code. */
  rolling: boolean;
}

/** `steady`: nothing that could change an outcome. `deadly`: some steps may take down whoever calls for them. */
export function drawFaults(chance: SeededChance, steady: boolean, deadly: boolean): FaultMix {
  const some = (share: number, most: number): number => (chance.yes(share) ? chance.next() * most : 0);
  const rough = !steady && chance.yes(0.7);
  // By a chance of its own: worlds without it stay as they were drawn.
  const poison = chance.split('poison');
  return {
    workers: 1 + chance.int(3),
    forMs: chance.pick([400, 1_500, 4_000]),
    everyMs: chance.pick([60, 200, 700]),
    crash: some(0.7, 1),
    pause: some(0.4, 1),
    fight: some(0.4, 1),
    trouble: some(0.3, 0.6),
    jump: steady ? 0 : some(0.4, 1),
    power: some(0.25, 0.5),
    stop: some(0.25, 0.6),
    ioCrash: some(0.5, 0.05),
    ioLost: some(0.5, 0.1),
    ioRefused: some(0.3, 0.1),
    slowDisk: some(0.3, 0.1),
    reply: {
      lostCall: rough ? some(0.5, 0.15) : 0,
      lostReply: rough ? some(0.5, 0.15) : 0,
      late: rough ? some(0.5, 0.3) : 0,
      again: some(0.5, 0.5),
      fails: rough ? some(0.5, 0.3) : 0,
      refusesUndo: some(0.3, 0.4),
      kills: deadly && rough && poison.yes(0.25) ? poison.next() * 0.15 : 0,
    },
    durability: chance.yes(0.25) ? 'step' : 'due',
    evictAfterMs: chance.pick([0, 30, 500, Infinity, Infinity]),
    snapshotEvents: chance.yes(0.3) ? chance.pick([5, 20, 60]) : undefined,
    slow: chance.yes(0.15),
    restore: some(0.2, 0.6),
    rolling: chance.yes(0.25),
  };
}

export interface Trouble {
  begin(): void;
  /** At a moment of this time, all have the edited program: at once, one after the other, or when they next die. */
  edit(): void;
  /** Everything is well from now on; who sleeps wakes, who is dead is born again. */
  end(): void;
  fate(op: string, process: SimProcess): Fate;
  latencyMs(): number;
  reply(): ReplyFaults;
  /** This process dies, and is born again later. */
  crash(process: SimProcess): void;
  /** How many commits began: places where a crash may be asked for. */
  readonly places: number;
}

/** A crash asked for at one place, for the enumeration. */
export interface CrashAt {
  place: number;
  how: 'before' | 'after' | 'lost';
}

const CODES = ['store.io', 'store.full', 'store.busy', 'store.unreachable'] as const;
const WRITES = new Set(['commit', 'claim', 'post', 'join']);

export function createTrouble(
  world: World,
  disk: Disk,
  nodes: () => Nodes,
  mix: FaultMix,
  calm: ReplyFaults,
  crashAt: CrashAt | undefined,
): Trouble {
  const chance = world.chance.split('trouble');
  const io = world.chance.split('io');
  let on = false;
  let refusing = 0;
  let editing = false;
  let places = 0;
  const kinds = (['crash', 'pause', 'fight', 'trouble', 'jump', 'power', 'stop', 'restore'] as const).filter(
    (k) => mix[k] > 0,
  );

  function again(): void {
    world.after(mix.everyMs * (0.2 + 1.6 * chance.next()), () => {
      if (!on) return;
      if (kinds.length > 0) strike();
      again();
    });
  }

  function strike(): void {
    const kind = chance.pick(kinds);
    if (!chance.yes(mix[kind])) return;
    const node = chance.pick(nodes().all);
    switch (kind) {
      case 'crash':
        return crash(node);
      case 'pause':
        return pause(node);
      case 'fight':
        // Its lease runs out though it lives.
        if (node.process?.state === 'up') disk.expire(node.process.name);
        return;
      case 'trouble':
        refusing++;
        world.trace.say('the disk refuses');
        world.after(chance.int(600), () => void refusing--);
        return;
      case 'jump': {
        const ms = chance.pick([-3_600_000, -700, -50, 40, 900, 3_600_000]);
        world.trace.say(`the clock jumps ${ms}`);
        return world.jump(ms);
      }
      case 'power':
        world.trace.say('power cut');
        for (const one of nodes().all) if (one.process !== undefined) crash(one);
        return world.hold(disk.cutPower());
      case 'restore':
        if (!disk.hasBackup || chance.yes(0.4)) {
          world.trace.say('a backup is made');
          return disk.backUp();
        }
        world.trace.say('the backup is restored');
        for (const one of nodes().all) if (one.process !== undefined) crash(one);
        return world.hold(disk.restore(world.wallMs()));
      case 'stop':
        stop(node, chance);
    }
  }

  /** True when it was there to be told. */
  function stop(node: Node, chance: SeededChance): boolean {
    const { site, process } = node;
    if (site === undefined || process?.state !== 'up') return false;
    world.trace.say(`${process.name} is told to stop`);
    node.site = undefined;
    const gone = (): void => {
      if (node.process === process) crash(node);
    };
    site.stop({ graceMs: chance.pick([0, 50, 400]) }).then(gone, gone);
    restart(node);
    return true;
  }

  /** Deployed anew: told to stop, or killed. */
  function renew(node: Node, chance: SeededChance): void {
    if (!chance.yes(0.5) || !stop(node, chance)) crash(node);
  }

  function crash(node: Node): void {
    nodes().crash(node);
    restart(node);
  }

  function restart(node: Node): void {
    const before = node.process;
    world.after(chance.int(400), () => {
      if (node.process !== before) return;
      if (before?.state !== 'dead') nodes().crash(node);
      nodes().boot(node);
    });
  }

  function pause(node: Node): void {
    const { process } = node;
    if (process?.state !== 'up') return;
    process.pause();
    world.trace.say(`${process.name} is paused`);
    world.after(chance.int(300), () => process.state === 'paused' && disk.expire(process.name));
    world.after(chance.int(1_500), () => {
      if (process.state === 'paused') world.trace.say(`${process.name} wakes`);
      process.resume();
    });
  }

  return {
    get places() {
      return places;
    },
    begin() {
      on = true;
      if (mix.power > 0) disk.keepBarriers(true);
      again();
    },
    edit() {
      editing = true;
      const edits = world.chance.split('edit');
      world.after(edits.int(700), () => {
        if (!on) return;
        world.trace.say('the code is edited');
        nodes().edit();
        for (const node of nodes().all)
          if (edits.yes(0.7)) world.after(edits.int(edits.yes(0.5) ? 10 : 500), () => on && renew(node, edits));
      });
    },
    end() {
      on = false;
      refusing = 0;
      if (editing) nodes().edit();
      // For the rest somebody has every version.
      nodes().settle();
      if (mix.rolling || editing) for (const node of nodes().all) nodes().crash(node);
      for (const node of nodes().all) {
        node.process?.resume();
        if (node.process === undefined || node.process.state === 'dead') nodes().boot(node);
      }
    },
    fate(op, process) {
      if (op === 'commit') {
        const place = places++;
        if (crashAt?.place === place) {
          world.trace.say(`place ${place} (${op}): ${crashAt.how}`);
          if (crashAt.how === 'lost') return { is: 'lost', code: 'store.io' };
          const node = nodes().nodeOf(process);
          if (node !== undefined) restartAfterCrash(node);
          return { is: crashAt.how === 'before' ? 'crashBefore' : 'crashAfter' };
        }
      }
      if (!on) return WELL;
      const code = io.pick(CODES);
      if (refusing > 0 && io.yes(0.9)) return { is: 'refused', code };
      if (io.yes(mix.ioRefused)) return { is: 'refused', code };
      if (!WRITES.has(op)) return WELL;
      if (io.yes(mix.ioLost)) return { is: 'lost', code };
      if (io.yes(mix.ioCrash) && op !== 'post') {
        const node = nodes().nodeOf(process);
        if (node !== undefined) restartAfterCrash(node);
        return { is: io.yes(0.5) ? 'crashBefore' : 'crashAfter' };
      }
      return WELL;
    },
    latencyMs() {
      if (on && io.yes(mix.slowDisk)) return io.int(400);
      return io.yes(0.5) ? 0 : io.int(3);
    },
    reply: () => (on ? mix.reply : calm),
    crash(process) {
      const node = nodes().nodeOf(process);
      if (node !== undefined) crash(node);
    },
  };

  /** The wire crashes it in a moment; it is born again later. */
  function restartAfterCrash(node: Node): void {
    const before = node.process;
    world.after(500 + chance.int(300), () => {
      if (node.process !== before) return;
      if (before?.state !== 'dead') nodes().crash(node);
      nodes().boot(node);
    });
  }
}
