/** What every agent adapter keeps, whoever stands behind it. */
import assert from 'node:assert/strict';
import { Fault } from '../../base/index.ts';
import { EFFECT_CLASSES } from '../../model/index.ts';
import type { Agent, AgentCall } from './port.ts';

/** An adapter's side: an agent that can do these things under these skill names. */
export interface AgentLab {
  /**
   * `echo` answers its input; `fail` throws a plain error; `fault` throws the Fault `agent.busy` with
   * afterMs 5; `hang` answers only when its signal aborts; `pay` is reversible, keyed, reconciles and undoes.
   */
  open(): Promise<Agent>;
  /** How often `pay` was worked and not undone, for a key. None: this kind of agent has no effects. */
  paid?(key: string): number;
  close(): Promise<void>;
}

export interface AgentRow {
  name: string;
  /** Only for agents that can have effects. */
  needs?: 'effects';
  run(lab: AgentLab): Promise<void>;
}

function call(skill: string, more: Partial<AgentCall> = {}): AgentCall {
  return {
    run: 'r',
    step: 's',
    attempt: 1,
    skill,
    input: undefined,
    labels: [],
    effect: 'pure',
    key: 'k',
    signal: new AbortController().signal,
    deadlineMs: undefined,
    ...more,
  };
}

async function refusal(work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (thrown) {
    return thrown;
  }
  return assert.fail('it did not fail');
}

export const agentContract: AgentRow[] = [
  {
    name: 'names itself and its skills once each, with a known effect class',
    async run(lab) {
      const agent = await lab.open();
      assert.ok(agent.name.length > 0);
      const names = agent.skills.map((s) => s.name);
      assert.deepEqual([...new Set(names)], names);
      for (const skill of agent.skills) assert.ok(EFFECT_CLASSES.includes(skill.effect), skill.name);
    },
  },
  {
    name: 'answers with the output, for every JSON value',
    async run(lab) {
      const agent = await lab.open();
      for (const input of [null, true, 0, 'text', [1, [2]], { a: { b: null } }]) {
        assert.deepEqual((await agent.call(call('echo', { input }))).output, input);
      }
    },
  },
  {
    name: 'many calls at once are each answered with their own output',
    async run(lab) {
      const agent = await lab.open();
      const replies = await Promise.all(
        Array.from({ length: 50 }, async (_, i) => agent.call(call('echo', { input: i }))),
      );
      assert.deepEqual(
        replies.map((r) => r.output),
        Array.from({ length: 50 }, (_, i) => i),
      );
    },
  },
  {
    name: 'a failure is thrown, and an expected one is a Fault with its code and afterMs',
    async run(lab) {
      const agent = await lab.open();
      assert.ok((await refusal(async () => agent.call(call('fail')))) instanceof Error);
      const fault = await refusal(async () => agent.call(call('fault')));
      assert.ok(fault instanceof Fault);
      assert.equal(fault.code, 'agent.busy');
      assert.equal(fault.afterMs, 5);
    },
  },
  {
    name: 'a call ends when its signal aborts',
    async run(lab) {
      const agent = await lab.open();
      const controller = new AbortController();
      const hanging = refusal(async () => agent.call(call('hang', { signal: controller.signal })));
      controller.abort(new Fault('step.cancelled', 'enough'));
      assert.ok((await hanging) instanceof Error);
    },
  },
  {
    needs: 'effects',
    name: 'the same key acts once; reconcile says whether it did; undo takes it back, twice too',
    async run(lab) {
      const agent = await lab.open();
      const before = await agent.reconcile!({ run: 'r', step: 's', skill: 'pay', input: 3, key: 'one' });
      assert.equal(before.happened, false);
      await agent.call(call('pay', { key: 'one', input: 3, effect: 'reversible' }));
      const { output } = await agent.call(call('pay', { key: 'one', input: 3, effect: 'reversible' }));
      assert.equal(lab.paid!('one'), 1);
      const after = await agent.reconcile!({ run: 'r', step: 's', skill: 'pay', input: 3, key: 'one' });
      assert.equal(after.happened, true);
      const undo = { run: 'r', step: 's', skill: 'pay', key: 'undo:one', input: 3, output: output as never };
      await agent.undo!(undo);
      await agent.undo!(undo);
      assert.equal(lab.paid!('one'), 0);
    },
  },
];
