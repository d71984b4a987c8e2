/**
 * What a step says of agreement: a word that nobody reads would be passed over in silence, and a wrong value would be
 * noticed only when the answers are paid for.
 */
import { type Json, nearest } from '../../base/index.ts';
import type { AgreeSpec } from '../words.ts';
import { type Known, placeIn, type Room } from './known.ts';

/** What an option may be; a list names the words that there are. */
export type OptionShape = 'count' | 'whole' | 'positive' | 'share' | 'flag' | 'list' | 'any' | readonly string[];

/** The options of a protocol; left out = not known, and not checked. */
export interface ProtocolShape {
  options?: Readonly<Record<string, OptionShape>>;
}

const shapes = new Map<string, ProtocolShape>();

/** Told by whoever adds a protocol: those who write workflows may not look where protocols are. */
export function addProtocolShape(name: string, { options }: ProtocolShape): void {
  shapes.set(name, options === undefined ? {} : { options });
}

/** The protocols that were added by now. */
export function protocolShapes(): Readonly<Record<string, ProtocolShape>> {
  return Object.fromEntries(shapes);
}

export interface AgreeProblem {
  member: string;
  message: string;
}

const COMMON = ['by', 'panel', 'equal', 'check', 'proof', 'judge'];
/** Those that a word alone may name, and the one of a function by its name. */
const WORDS = ['exact', 'text', 'number', 'set', 'json'];
const EQUALITIES = [...WORDS, 'named'];

const SHAPES: Readonly<
  Record<Exclude<OptionShape, readonly string[]>, [what: string, fits: (value: Json) => boolean]>
> = {
  count: ['a whole number from 1', (value) => Number.isSafeInteger(value) && (value as number) > 0],
  whole: ['a whole number from 0', (value) => Number.isSafeInteger(value) && (value as number) >= 0],
  positive: ['a number above 0', (value) => Number.isFinite(value) && (value as number) > 0],
  share: [
    'a number from 0 to 1',
    (value) => Number.isFinite(value) && (value as number) >= 0 && (value as number) <= 1,
  ],
  flag: ['true or false', (value) => typeof value === 'boolean'],
  list: ['a list', (value) => Array.isArray(value)],
  any: ['anything', () => true],
};

/** All that is wrong with it by itself; `shape` is that of its protocol, where it is known. */
export function agreeProblems(agree: AgreeSpec, shape: ProtocolShape = {}): AgreeProblem[] {
  const problems: AgreeProblem[] = [];
  const must = (member: string, fits: OptionShape): void => {
    const value = agree[member];
    if (value === undefined) return;
    const [what, isRight] =
      typeof fits === 'string'
        ? SHAPES[fits]
        : [`one of ${fits.join(', ')}`, (one: Json) => fits.includes(one as string)];
    if (!isRight(value)) problems.push({ member, message: `${JSON.stringify(value)} is not ${what}` });
  };
  must('panel', 'count');
  must('proof', 'flag');
  for (const member of ['check', 'judge'])
    if (agree[member] !== undefined && typeof agree[member] !== 'string')
      problems.push({ member, message: `${JSON.stringify(agree[member])} is not a name` });
  const equal = equalProblem(agree.equal);
  if (equal !== undefined) problems.push({ member: 'equal', message: equal });
  const { options } = shape;
  if (options === undefined) return problems;
  for (const [member, fits] of Object.entries(options)) must(member, fits);
  const words = [...COMMON, ...Object.keys(options)];
  for (const member of Object.keys(agree))
    if (agree[member] !== undefined && !words.includes(member))
      problems.push({ member, message: `'${agree.by}' reads no '${member}'${nearest(member, words)}` });
  return problems;
}

function equalProblem(equal: Json | undefined): string | undefined {
  if (equal === undefined || typeof equal === 'string') return undefined;
  const by = typeof equal === 'object' && equal !== null && !Array.isArray(equal) ? equal.by : undefined;
  if (typeof by !== 'string' || !EQUALITIES.includes(by))
    return `${JSON.stringify(equal)} is no equality: a word, or { by } with one of ${EQUALITIES.join(', ')}`;
  const { tolerance, name } = equal as { tolerance?: Json; name?: Json };
  if (by === 'number' && tolerance !== undefined && !(Number.isFinite(tolerance) && (tolerance as number) >= 0))
    return `a tolerance is a number from 0, not ${JSON.stringify(tolerance)}`;
  return by === 'named' && typeof name !== 'string' ? 'it names no function' : undefined;
}

/** Plans: also whether its protocol, its functions and its judges are known here. */
export function checkAgree(room: Room): void {
  const { known, report } = room;
  const protocols = known.protocols ?? known.someProtocols;
  if (protocols === undefined) return;
  for (const { name, spec } of room.body.steps) {
    if (spec?.agree === undefined) continue;
    const { agree } = spec;
    const place = `${placeIn(room, name)}.agree`;
    const shape = Object.hasOwn(protocols, agree.by) ? protocols[agree.by] : undefined;
    if (shape === undefined && known.protocols !== undefined) {
      const names = Object.keys(protocols);
      const meant = nearest(agree.by, names);
      report('protocol', `${place}.by`, `there is no protocol '${agree.by}'${meant}; there are ${names.join(', ')}`);
    }
    for (const { member, message } of agreeProblems(agree, shape)) report('shape', `${place}.${member}`, message);
    for (const member of ['equal', 'check'] as const) checkFunction(known, room, place, member, agree);
    if (agree.judge !== undefined && known.skills !== undefined && !Object.hasOwn(known.skills, agree.judge))
      report(
        'skill',
        `${place}.judge`,
        `there is no skill '${agree.judge}'${nearest(agree.judge, Object.keys(known.skills))}`,
      );
  }
}

function checkFunction(known: Known, room: Room, place: string, member: 'equal' | 'check', agree: AgreeSpec): void {
  const name = member === 'equal' ? functionOf(agree.equal) : agree.check;
  if (typeof name !== 'string' || known.functions === undefined || known.functions.includes(name)) return;
  const words = member === 'equal' ? [...WORDS, ...known.functions] : known.functions;
  room.report('function', `${place}.${member}`, `no function is registered as '${name}'${nearest(name, words)}`);
}

function functionOf(equal: Json | undefined): Json | undefined {
  if (typeof equal === 'string') return WORDS.includes(equal) ? undefined : equal;
  return typeof equal === 'object' && equal !== null && !Array.isArray(equal) && equal.by === 'named'
    ? equal.name
    : undefined;
}
