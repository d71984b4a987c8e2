/** Names and edges: what is there twice, missing, round in a circle, or can never be reached. */
import { checkName, errorText, nearest } from '../../base/index.ts';
import type { PlanStep } from '../plan.ts';
import { placeIn, type Room } from './known.ts';

export function checkGraph(room: Room): void {
  checkNames(room);
  checkEdges(room);
  const inCircle = checkCircles(room);
  // Looking back from each step takes long in a long plan: only where something waits for a failure.
  if (!room.body.steps.some((step) => step.after?.some((edge) => edge.when === 'failure'))) return;
  for (const step of room.body.steps) if (!inCircle.has(step.name)) checkReachable(room, step);
}

function checkNames(room: Room): void {
  const { body, report } = room;
  if (body.steps.length === 0) report('shape', `${room.place}steps`, 'there are no steps', 'Write at least one step.');
  const seen = new Set<string>();
  const former = new Map<string, string>();
  for (const { name, was } of body.steps) {
    const place = placeIn(room, name);
    if (seen.has(name)) report('duplicate', place, `two steps here are named '${name}'`, 'Rename one of them.');
    seen.add(name);
    try {
      checkName(name);
    } catch (thrown) {
      report('name', place, errorText(thrown));
    }
    if (was === undefined) continue;
    const other = former.get(was);
    if (other !== undefined) report('duplicate', `${place}.was`, `'${other}' says already that it was '${was}'`);
    former.set(was, name);
  }
}

function checkEdges(room: Room): void {
  for (const step of room.body.steps) {
    const place = placeIn(room, step.name);
    const edges = step.after ?? [];
    for (const [i, edge] of edges.entries()) {
      if (room.byName.has(edge.step)) continue;
      const outside = room.outer !== undefined && isAround(room.outer, edge.step);
      room.report(
        'unknown-step',
        `${place}.after[${i}]`,
        outside
          ? `'${edge.step}' stands outside: edges stay within one body`
          : `there is no step '${edge.step}'${nearest(edge.step, room.byName.keys())}`,
        outside ? `Let '${room.owner?.name}' come after '${edge.step}'.` : undefined,
      );
    }
    if (typeof step.join === 'object' && step.join.atLeast > edges.length)
      room.report(
        'unreachable',
        `${place}.join`,
        `it needs ${step.join.atLeast} of ${edges.length} steps, so it can never run`,
      );
  }
}

function isAround(room: Room | undefined, name: string): boolean {
  return room !== undefined && (room.byName.has(name) || isAround(room.outer, name));
}

/** Every circle is named once, in the order of its steps. */
function checkCircles(room: Room): Set<string> {
  const inCircle = new Set<string>();
  const state = new Map<string, 'open' | 'done'>();
  for (const start of room.body.steps) {
    const way: { name: string; next: number }[] = [{ name: start.name, next: 0 }];
    if (state.has(start.name)) continue;
    state.set(start.name, 'open');
    while (way.length > 0) {
      const at = way.at(-1)!;
      const edge = room.byName.get(at.name)?.after?.[at.next++];
      if (edge === undefined) {
        state.set(at.name, 'done');
        way.pop();
        continue;
      }
      if (state.get(edge.step) === 'open') {
        const circle = way.slice(way.findIndex((w) => w.name === edge.step)).map((w) => w.name);
        for (const name of circle) inCircle.add(name);
        const names = inOrder(room, circle.reverse())
          .map((name) => `'${name}'`)
          .join(' → ');
        room.report('cycle', placeIn(room, edge.step), `these wait for each other: ${names}`, 'Take one edge away.');
      } else if (!state.has(edge.step) && room.byName.has(edge.step)) {
        state.set(edge.step, 'open');
        way.push({ name: edge.step, next: 0 });
      }
    }
  }
  return inCircle;
}

/** A circle begins and ends with the step that is written first. */
function inOrder(room: Room, circle: string[]): string[] {
  const first = room.body.steps.find((step) => circle.includes(step.name))!.name;
  const at = circle.indexOf(first);
  return [...circle.slice(at), ...circle.slice(0, at), first];
}

/** A step that needs another both to succeed and to fail can never run. */
function checkReachable(room: Room, step: PlanStep): void {
  const ok = new Set<string>();
  const failed = new Set<string>();
  const look = [step];
  const seen = new Set<string>([step.name]);
  for (let i = 0; i < look.length; i++) {
    const at = look[i]!;
    if (at.join !== undefined && at.join !== 'all' && (at.after?.length ?? 0) > 1) continue;
    for (const edge of at.after ?? []) {
      if (edge.when === 'completion') continue;
      (edge.when === 'failure' ? failed : ok).add(edge.step);
      const source = room.byName.get(edge.step);
      if (source === undefined || seen.has(edge.step)) continue;
      seen.add(edge.step);
      look.push(source);
    }
  }
  for (const name of failed)
    if (ok.has(name))
      return room.report(
        'unreachable',
        placeIn(room, step.name),
        `it can never run: it needs '${name}' both to succeed and to fail`,
        'Use `join: any`, or `completion`.',
      );
}
