/**
 * A protocol at work in a population: golden questions first, then real ones with golden ones among them. Trust is
 * the real fold, protocols are the real machines; only those who answer are simulated.
 */
import type { Json } from '../../base/index.ts';
import { deliberate, type Heard, isAnswer, type Protocol, type Reply } from '../../flow/index.ts';
import {
  type AgreeSpec,
  type Ask,
  type Equality,
  figuresOf,
  foldChecked,
  foldUnchecked,
  type Member,
  newTrust,
  type TrustState,
} from '../../model/index.ts';
import { createCalibration } from './calibration.ts';
import { createJudging } from './judging.ts';
import type { Programs } from './programs.ts';
import { type Question, question } from './questions.ts';
import { letter, optionOf, type Said, type Season, type Voice } from './voice.ts';

export interface Work {
  seed: string;
  voices: readonly Voice[];
  /** Golden questions before work begins; 0: nothing is ever known of anybody. */
  golden: number;
  /** Real questions. */
  items: number;
}

export interface Figures {
  accuracy: number;
  /** Of all questions, how many got a verdict. */
  verdicts: number;
  /** Of what the protocol believes; null where it says no belief. */
  ece: number | null;
  brier: number | null;
  /** For each question. */
  answers: number;
  judgements: number;
}

const SKILL = 'questions';
const JUDGING = 'judge';
/** One in so many questions under way is golden, as in the benches. */
const GOLDEN_EVERY = 10;
/** What is compared is the letter; how sure and how long it is are not. */
const EQUAL: Equality = {
  by: 'json',
  schema: { type: 'object', properties: { answer: { enum: ['A'], type: 'string' } } },
};

/** Each question once, with who is asked it when. */
export function questionsOf({ seed, golden, items }: Work): { q: Question; season: Season; golden: boolean }[] {
  const list: { q: Question; season: Season; golden: boolean }[] = [];
  for (let i = 0; i < golden; i++) list.push({ q: question(seed, i), season: 'exam', golden: true });
  for (let real = 0, i = golden; real < items; i++) {
    const season = real * 2 < items ? 'early' : 'late';
    const isGolden = golden > 0 && (i - golden) % GOLDEN_EVERY === GOLDEN_EVERY - 1;
    list.push({ q: question(seed, i), season, golden: isGolden });
    if (!isGolden) real++;
  }
  return list;
}

export function work(protocol: Protocol, spec: Omit<AgreeSpec, 'by'>, given: Work, programs?: Programs): Figures {
  const { voices } = given;
  const trust = newTrust();
  const judging = createJudging(given.seed, programs);
  const calibration = createCalibration();
  const sum = { right: 0, verdicts: 0, answers: 0, judgements: 0 };
  const byName = new Map(voices.map((voice) => [voice.name, voice]));
  const judged = protocol.judged === true && programs === undefined;

  function membersAt(skill: string): Member[] {
    const figures = figuresOf(trust, skill);
    return voices.map(({ name }): Member => {
      const known = figures.get(name);
      return known === undefined ? { agent: name } : { agent: name, trust: known };
    });
  }

  function ask(q: Question, season: Season): void {
    const judges = programs === undefined ? (judged ? membersAt(JUDGING) : []) : [{ agent: 'runner' }];
    const panel = { members: membersAt(`${SKILL}/${q.category}`), judges, equal: EQUAL };
    const outputs: Said[] = [];
    const times = new Map<string, number>();
    const hear = (n: number, one: Ask): Heard => {
      const shown = (one.about ?? []).map((i) => outputs[i]!);
      const voice = byName.get(one.agent);
      if (!isAnswer(one.kind)) return { output: judging.judge(q, voice, one, shown) };
      const time = times.get(one.agent) ?? 0;
      if (one.kind === 'answer') times.set(one.agent, time + 1);
      const first = voice!.answer(q, season, one.kind === 'answer' ? time : 0);
      const said = one.kind === 'answer' ? first : voice!.revise(q, season, first, shown, holdersOf(one.say));
      outputs[n] = said;
      return { output: { ...said } };
    };
    const { asks, replies, end } = deliberate(protocol, { ...spec, by: protocol.name }, panel, hear);
    sum.answers += asks.filter(({ kind }) => isAnswer(kind)).length;
    sum.judgements += asks.filter(({ kind }) => !isAnswer(kind)).length;
    if (end?.move === 'verdict') {
      const isRight = optionOf(outputs[end.verdict.chosen!]!) === q.right;
      sum.verdicts++;
      if (isRight) sum.right++;
      if (end.verdict.belief !== undefined) calibration.note(end.verdict.belief, isRight);
    }
    if (given.golden > 0) foldUnchecked(trust, { skill: `${SKILL}/${q.category}`, said: saidIn(replies) });
  }

  let real = 0;
  for (const { q, season, golden } of questionsOf(given)) {
    if (golden) {
      learn(trust, q, season, voices);
      if (judged) judging.examine(trust, JUDGING, q, voices);
    } else {
      ask(q, season);
      real++;
    }
  }
  const believed = calibration.n > 0;
  return {
    accuracy: sum.right / real,
    verdicts: sum.verdicts / real,
    ece: believed ? calibration.ece() : null,
    brier: believed ? calibration.brier() : null,
    answers: sum.answers / real,
    judgements: sum.judgements / real,
  };
}

function learn(trust: TrustState, q: Question, season: Season, voices: readonly Voice[]): void {
  const camps = new Map<string, number>();
  const said: Record<string, number> = {};
  for (const voice of voices) {
    const { answer } = voice.answer(q, season, 0);
    if (!camps.has(answer)) camps.set(answer, camps.size);
    said[voice.name] = camps.get(answer)!;
  }
  const right = camps.get(letter(q.right)) ?? -1;
  foldChecked(trust, { skill: `${SKILL}/${q.category}`, said, right, source: season === 'exam' ? 'exam' : 'golden' });
}

/** What each said first: what it says after it has heard others shows nothing of itself. */
function saidIn(replies: readonly Reply[]): Record<string, number> {
  const said: Record<string, number> = {};
  for (const { agent, kind, camp } of replies) if (kind === 'answer' && !(agent in said)) said[agent] = camp ?? -1;
  return said;
}

function holdersOf(say: Json | undefined): number[] {
  const list = typeof say === 'object' && say !== null && !Array.isArray(say) ? say['holders'] : undefined;
  return Array.isArray(list) ? list.map(Number) : [];
}
