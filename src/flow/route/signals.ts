/** What can be told of a task at a glance, without asking anybody: the words that rules and beliefs go by. */
import { type HasKeyword, keywordsOf } from './keywords.ts';

export interface Signals {
  /** Whether it is anywhere in the text. */
  has: HasKeyword;
  /** By its commonest small words; undefined when it is too short to tell. */
  language?: string;
  /** Characters of the whole text. */
  length: number;
  labels: readonly string[];
  /** Rights of who asked. */
  roles: readonly string[];
  /** What it may be about, by telling words. */
  domains: readonly string[];
  /** The most that this step may cost, where anything limits it. */
  price?: number;
}

/** What a text is about, and its language, are told by how it begins: a long one has a word of every domain somewhere. */
const BEGINNING = 4_000;

const SMALL_WORDS: Record<string, readonly string[]> = {
  en: ['the', 'and', 'of', 'to', 'is', 'in', 'that', 'for', 'with', 'are', 'this', 'what', 'how'],
  de: ['der', 'die', 'und', 'das', 'ist', 'nicht', 'ein', 'eine', 'mit', 'für', 'auf', 'wie', 'den'],
  fr: ['le', 'la', 'les', 'et', 'des', 'est', 'une', 'dans', 'pour', 'que', 'qui', 'avec', 'sur'],
  es: ['el', 'los', 'las', 'y', 'del', 'es', 'una', 'para', 'que', 'con', 'por', 'como', 'en'],
  it: ['il', 'gli', 'che', 'della', 'di', 'per', 'una', 'con', 'non', 'sono', 'nel', 'come', 'è'],
  pt: ['os', 'das', 'dos', 'que', 'uma', 'para', 'com', 'não', 'em', 'por', 'como', 'é', 'mais'],
  nl: ['het', 'een', 'en', 'van', 'niet', 'dat', 'voor', 'met', 'zijn', 'op', 'hoe', 'wat', 'de'],
};

const TELLING: Record<string, readonly string[]> = {
  code: ['code', 'function', 'bug', 'compile', 'typescript', 'python', 'class', 'api', 'refactor', 'regex', 'test'],
  math: ['prove', 'equation', 'integral', 'theorem', 'matrix', 'probability', 'derivative', 'sum', 'solve'],
  law: ['law', 'court', 'contract', 'clause', 'plaintiff', 'statute', 'liability', 'legal', 'tort'],
  medicine: ['patient', 'disease', 'symptom', 'dose', 'diagnosis', 'clinical', 'drug', 'therapy', 'medical'],
  finance: ['price', 'stock', 'bond', 'interest', 'tax', 'invoice', 'revenue', 'loan', 'bank', 'accounting'],
  science: ['energy', 'molecule', 'reaction', 'velocity', 'cell', 'gene', 'quantum', 'atom', 'species', 'acid'],
  language: ['translate', 'translation', 'summarize', 'summarise', 'summary', 'rewrite', 'grammar', 'proofread'],
};

/** Small words of a language that must be there before it counts as written in it. */
const ENOUGH_SMALL_WORDS = 2;

export function readSignals(given: {
  text: string;
  labels?: readonly string[];
  roles?: readonly string[];
  price?: number;
}): Signals {
  const words = new Set(wordsOf(given.text.slice(0, BEGINNING)));
  return {
    has: keywordsOf(given.text),
    language: languageOf(words),
    length: given.text.length,
    labels: given.labels ?? [],
    roles: given.roles ?? [],
    domains: domainsOf(words),
    price: given.price,
  };
}

export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** Which of these have the word: a task has fewer words than the lists have. */
function whoHave(lists: Record<string, readonly string[]>): ReadonlyMap<string, readonly string[]> {
  const who = new Map<string, string[]>();
  for (const [name, list] of Object.entries(lists))
    for (const word of list) who.set(word, [...(who.get(word) ?? []), name]);
  return who;
}

const LANGUAGES = whoHave(SMALL_WORDS);
const DOMAINS = whoHave(TELLING);
/** All that a text can be found to be: a rule over another one never holds. */
export const KNOWN_LANGUAGES = Object.keys(SMALL_WORDS);
export const KNOWN_DOMAINS = Object.keys(TELLING);

function languageOf(words: ReadonlySet<string>): string | undefined {
  const counts: Record<string, number> = {};
  for (const word of words) for (const name of LANGUAGES.get(word) ?? []) counts[name] = (counts[name] ?? 0) + 1;
  let best: string | undefined;
  let most = ENOUGH_SMALL_WORDS - 1;
  for (const name in SMALL_WORDS) if ((counts[name] ?? 0) > most) [best, most] = [name, counts[name]!];
  return best;
}

function domainsOf(words: ReadonlySet<string>): string[] {
  const found = new Set<string>();
  for (const word of words) for (const name of DOMAINS.get(word) ?? []) found.add(name);
  // Always in the same order, whatever the text's is.
  return found.size < 2 ? [...found] : Object.keys(TELLING).filter((domain) => found.has(domain));
}

/** What of the signals an agent's strength may hang on: few names, the same for like tasks. */
export function sortsOf(signals: Signals): string[] {
  const sorts = signals.labels.map((label) => `label:${label}`);
  for (const domain of signals.domains) sorts.push(`domain:${domain}`);
  if (signals.language !== undefined && signals.language !== 'en') sorts.push(`language:${signals.language}`);
  if (signals.length >= BEGINNING) sorts.push('length:long');
  else if (signals.length < 80) sorts.push('length:short');
  return sorts;
}
