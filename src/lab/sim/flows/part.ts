/** A workflow as a tree of parts: what generated workflows are made of, and how a part is worked. */
import { Fault, type Json, stepId } from '../../../base/index.ts';
import type { Run } from '../../../author/index.ts';
import { digest } from '../skills.ts';

export type Part =
  | { do: 'seq'; of: Part[] }
  | { do: 'pair'; of: Part[] }
  | { do: 'ask'; name: string; skill: string; key?: string; panel?: number; lesser?: string[]; timeoutMs?: number }
  | { do: 'effect'; name: string; skill: string; right?: string; timeoutMs?: number }
  | { do: 'gated'; name: string; skill: string; timeoutMs?: number }
  | { do: 'code'; name: string; slow?: boolean }
  | { do: 'map'; name: string; items: string[]; width?: number; body: Part }
  | { do: 'loop'; name: string; turns: number; body: Part }
  | { do: 'join'; name: string; mode: 'all' | 'any' | 'settled' | 'atLeast'; branches: Part[] }
  | { do: 'gate'; name: string }
  | { do: 'wait'; name: string; ms: number }
  | { do: 'signal'; name: string }
  /** `flow`: a workflow as data, instead of the part. */
  | { do: 'child'; name: string; part: Part; budget?: number; more?: number; flow?: string }
  | { do: 'now'; name: string }
  | { do: 'random'; name: string; timeoutMs?: number }
  | { do: 'try'; of: Part };

/** Works one part; what it gives depends on everything it was given. */
export async function work(run: Run, part: Part, carry: string): Promise<Json> {
  switch (part.do) {
    case 'seq': {
      let now = carry;
      for (const one of part.of) now = digest([now, await work(run, one, now)]);
      return now;
    }
    case 'pair':
      return await Promise.all(part.of.map((one) => work(run, one, carry)));
    case 'ask':
      return await run.ask(
        part.skill,
        { carry },
        {
          name: part.name,
          key: part.key,
          lesser: part.lesser,
          timeoutMs: part.timeoutMs,
          agree: part.panel === undefined ? undefined : { by: 'majority', panel: part.panel },
        },
      );
    case 'effect':
      return await run.effect(part.skill, { carry }, { name: part.name, right: part.right, timeoutMs: part.timeoutMs });
    case 'gated': {
      const name = `${part.name} may`;
      await run.gate(name, { show: carry });
      return await run.effect(
        part.skill,
        { carry },
        { name: part.name, gate: stepId(run.scope, name), timeoutMs: part.timeoutMs },
      );
    }
    case 'code':
      return await run.code(part.name, carry, async (given) => {
        if (part.slow) for (let i = 0; i < 5; i++) await Promise.resolve();
        return digest(['code', given]);
      });
    case 'gate': {
      const { choice, by, value } = await run.gate(part.name, { show: carry });
      return { choice, by, value: value as Json };
    }
    case 'wait':
      await run.wait(part.name, { ms: part.ms });
      return 'waited';
    case 'signal':
      return await run.signal(part.name);
    case 'child': {
      const given = part.flow === undefined ? { part: part.part, carry, more: part.more ?? 0 } : { carry };
      return await run.workflow(part.flow ?? 'gen', given as unknown as Json, {
        name: part.name,
        budget: part.budget === undefined ? undefined : { money: part.budget },
      });
    }
    case 'now':
      return (await run.now(part.name)) > 0;
    case 'random': {
      // Another number after a restart would be another input: drift.
      const drawn = await run.random(part.name);
      return await run.ask('think', { drawn }, { name: `${part.name} drawn`, timeoutMs: part.timeoutMs });
    }
    case 'try':
      try {
        return await work(run, part.of, carry);
      } catch (thrown) {
        return { failed: thrown instanceof Fault ? thrown.code : String(thrown) };
      }
    default:
      return await composite(run, part, carry);
  }
}

async function composite(run: Run, part: Part & { do: 'map' | 'loop' | 'join' }, carry: string): Promise<Json> {
  switch (part.do) {
    case 'map':
      return await run.map(
        part.name,
        part.items,
        { itemKey: (item) => item, width: part.width },
        async (item, inner) => await work(inner, part.body, digest([carry, item])),
      );
    case 'loop':
      return await run.loop(part.name, { from: carry, maxTurns: part.turns }, async (state, inner, turn) =>
        digest([state, turn, await work(inner, part.body, state)]),
      );
    case 'join': {
      const branches = Object.fromEntries(
        part.branches.map((branch, i) => [`b${i}`, (inner: Run) => work(inner, branch, carry)] as const),
      );
      if (part.mode === 'all') return await run.all(part.name, branches);
      if (part.mode === 'any') return (await run.any(part.name, branches)).value;
      if (part.mode === 'atLeast') return Object.keys(await run.atLeast(part.name, 2, branches)).length;
      const settled = await run.settled(part.name, branches);
      return Object.entries(settled).map(([name, end]) => [name, end.ok ? end.value : end.fault.code]);
    }
  }
}

/** The signals that a part waits for, in the run itself. */
export function signalsOf(part: Part): string[] {
  switch (part.do) {
    case 'signal':
      return [part.name];
    case 'seq':
    case 'pair':
      return part.of.flatMap(signalsOf);
    case 'map':
    case 'loop':
      return signalsOf(part.body);
    case 'join':
      return part.branches.flatMap(signalsOf);
    case 'try':
      return signalsOf(part.of);
    default:
      return [];
  }
}
