/** Names and edges: what is there twice, missing, round in a circle, or can never be reached. */
import { checkName, errorText, nearest } from '../../base/index.ts';
import type { PlanEdge, PlanStep } from '../plan.ts';
import { placeIn, type Room } from './known.ts';

export function checkGraph(room: Room): void {
  checkNames(room);
  checkEdges(room);
  const inCircle = checkCircles(room);
  checkReachable(room, inCircle);
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

/** A step that needs another both to succeed and to fail can never run. By places, for it is looked back from every step. */
function checkReachable(room: Room, inCircle: ReadonlySet<string>): void {
  const { steps } = room.body;
  const places = new Map(steps.map((step, i) => [step.name, i]));
  const needs = steps.map(neededOf).map((edges) =>
    edges.flatMap(({ step, when }) => {
      const at = places.get(step);
      return at === undefined ? [] : [{ at, isFailure: when === 'failure' }];
    }),
  );
  if (!needs.some((edges) => edges.some(({ isFailure }) => isFailure))) return;
  // For whom a place was last looked at, needed to succeed, needed to fail.
  const [seen, ok, failed] = [new Int32Array(steps.length), new Int32Array(steps.length), new Int32Array(steps.length)];
  for (const [place, step] of steps.entries()) {
    if (inCircle.has(step.name)) continue;
    const whom = place + 1;
    const look = [place];
    seen[place] = whom;
    for (let i = 0; i < look.length; i++) {
      for (const { at, isFailure } of needs[look[i]!]!) {
        (isFailure ? failed : ok)[at] = whom;
        if (seen[at] === whom) continue;
        seen[at] = whom;
        look.push(at);
      }
    }
    const both = look.find((at) => ok[at] === whom && failed[at] === whom);
    if (both !== undefined)
      room.report(
        'unreachable',
        placeIn(room, step.name),
        `it can never run: it needs '${steps[both]!.name}' both to succeed and to fail`,
        'Use `join: any`, or `completion`.',
      );
  }
}

/** What must have ended in one way before it can run. */
function neededOf({ after = [], join = 'all' }: PlanStep): readonly PlanEdge[] {
  if (join !== 'all' && after.length > 1) return [];
  return after.filter(({ when }) => when !== 'completion');
}
