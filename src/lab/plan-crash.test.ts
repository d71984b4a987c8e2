/** A data workflow that crashes after any of its turns reaches the same output. */
import { expect, test } from 'vitest';
import { parsePlan } from '../author/index.ts';
import type { Json } from '../base/index.ts';
import { stateToText, textToState, type Turn } from '../model/index.ts';
import { type PlayOptions, startPlay } from './play.ts';

const plan = parsePlan(`
name: everything
input: { type: object }
steps:
  facts: { ask: find, with: '\${input.topic}', returns: { type: array } }
  shaky: { ask: shaky }
  mend: { code: say, after: { shaky: failure } }
  each:
    map: steps.facts
    key: item
    width: 2
    need: settled
    steps:
      look: { ask: look, with: '\${item}' }
      note: { effect: note, class: idempotent, with: '\${steps.look}' }
  slow: { wait: 1m }
  race: { code: echo, after: [each, slow], join: any, with: '\${first}' }
  polish:
    loop: { text: '', n: 0 }
    until: carry.n == 3
    after: race
    steps: { more: { ask: more, with: '\${carry}' } }
  sub: { plan: planner, after: polish }
  ok: { gate: sre, after: sub }
  send: { effect: send, class: irreversible, gate: ok, with: { polish: '\${steps.polish}', sub: '\${steps.sub}', ok: '\${steps.ok.value}' } }
  skipped: { code: say, if: 1 > 2 }
  end: { code: echo, after: { send: success, skipped: completion, mend: completion }, with: '\${steps.send}' }
output: { end: '\${steps.end}', each: '\${steps.each}', mend: '\${steps.mend}' }
`);

const options: PlayOptions = {
  plan,
  input: { topic: 'geese' },
  agents: {
    find: (topic) => ['a', 'b', `${topic as string}!`],
    shaky: () => {
      throw new Error('shaky');
    },
    look: (item) => {
      if (item === 'b') throw new Error('cannot look');
      return `seen ${item as string}`;
    },
    note: (text) => ({ noted: text as Json }),
    more: (carry) => ({ text: `${(carry as { text: string }).text}x`, n: (carry as { n: number }).n + 1 }),
    planner: () => ({
      steps: { p: { code: 'say' }, q: { loop: 0, turns: 2, steps: { r: { code: 'echo', with: '${carry + 1}' } } } },
    }),
    send: (what) => ({ sent: what as Json }),
  },
  effects: { note: { effect: 'idempotent' }, send: { effect: 'irreversible' } },
  functions: { say: (_, { step }) => step, echo: (input) => input ?? null },
};

function finish(play: ReturnType<typeof startPlay>): unknown {
  play.go();
  if (play.state.phase !== 'ended' && play.step('ok')?.settledSeq === 0) play.approve('ok', { yes: true });
  return play.ended;
}

function upTo(turns: readonly Turn[], count: number): Turn[] {
  return JSON.parse(JSON.stringify(turns.slice(0, count))) as Turn[];
}

const whole = startPlay(options).admit();
const expected = finish(whole);

test('the whole of it', () => {
  expect(expected).toMatchObject({
    outcome: 'completed',
    output: {
      end: {
        sent: {
          polish: { text: 'xxx', n: 3 },
          sub: { p: 'sub/p', q: 2 },
          ok: { yes: true },
        },
      },
      each: [{ ok: true, value: { noted: 'seen a' } }, { ok: false }, { ok: true, value: { noted: 'seen geese!' } }],
      mend: 'mend',
    },
  });
  expect(whole.turns.length).toBeGreaterThan(25);
});

test('a crash after each turn in turn: nothing settled is worked again, and the output is the same', () => {
  for (let kept = 1; kept < whole.turns.length; kept++) {
    const play = startPlay(options, upTo(whole.turns, kept)).crash();
    const settled = new Set(play.events('step.settled').map((e) => e.step));
    // A gate's answer is a letter: it arrives again.
    expect(finish(play), `crash after turn ${kept}`).toEqual(expected);
    for (const step of play.calls.keys()) expect(settled, `turn ${kept}: ${step} is worked again`).not.toContain(step);
  }
});

test('a crash after every turn', () => {
  let play = startPlay(options).admit();
  for (let i = 0; i < 1000 && play.state.phase !== 'ended'; i++) {
    play = startPlay(options, upTo(play.turns, play.turns.length)).crash();
    const before = play.turns.length;
    // Whom a takeover asks who there is answers first; what is said already makes no turn.
    for (let said = 0; said < 20 && play.turns.length === before; said++) play.go(1);
    if (play.step('ok')?.settledSeq === 0) play.approve('ok', { yes: true });
  }
  expect(play.ended).toEqual(expected);
});

test('the state is the fold of its events, whenever it is looked at; and survives as text', () => {
  for (let kept = 1; kept <= whole.turns.length; kept++) {
    const play = startPlay(options, upTo(whole.turns, kept));
    const text = stateToText(play.state);
    expect(stateToText(textToState(text))).toBe(text);
    const counts = new Map<string, number>();
    for (const { id, settledSeq } of play.state.steps.values()) {
      const scope = id.includes('/') ? id.slice(0, id.lastIndexOf('/')) : '';
      if (settledSeq !== 0) counts.set(scope, (counts.get(scope) ?? 0) + 1);
    }
    expect(play.state.settledIn).toEqual(counts);
  }
  const text = stateToText(startPlay(options, whole.turns).state);
  expect(text).toBe(stateToText(whole.state));
});
