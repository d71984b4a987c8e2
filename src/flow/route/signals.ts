/** What can be told of a task at a glance, without asking anybody: the words that rules and beliefs go by. */

export interface Signals {
  /** Lower-case words of the task, each once. */
  words: ReadonlySet<string>;
  text: string;
  /** By its commonest small words; undefined when it is too short to tell. */
  language?: string;
  /** Characters. */
  length: number;
  labels: readonly string[];
  /** Rights of who asked. */
  roles: readonly string[];
  /** What it may be about, by telling words. */
  domains: readonly string[];
  /** The most that this step may cost, where anything limits it. */
  price?: number;
}

/** Longer texts are judged by how they begin. */
export const MAX_TEXT = 4_000;

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
  const text = given.text.slice(0, MAX_TEXT);
  const words = new Set(wordsOf(text));
  return {
    text,
    words,
    language: mostOf(SMALL_WORDS, words, ENOUGH_SMALL_WORDS),
    length: given.text.length,
    labels: given.labels ?? [],
    roles: given.roles ?? [],
    domains: Object.keys(TELLING).filter((domain) => TELLING[domain]!.some((word) => words.has(word))),
    price: given.price,
  };
}

export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function mostOf(lists: Record<string, readonly string[]>, words: ReadonlySet<string>, least: number) {
  let best: string | undefined;
  let most = least - 1;
  for (const [name, list] of Object.entries(lists)) {
    let there = 0;
    for (const word of list) if (words.has(word)) there++;
    if (there > most) {
      best = name;
      most = there;
    }
  }
  return best;
}

/** What of the signals an agent's strength may hang on: few names, the same for like tasks. */
export function sortsOf(signals: Signals): string[] {
  const sorts = signals.labels.map((label) => `label:${label}`);
  for (const domain of signals.domains) sorts.push(`domain:${domain}`);
  if (signals.language !== undefined && signals.language !== 'en') sorts.push(`language:${signals.language}`);
  if (signals.length > 4_000) sorts.push('length:long');
  else if (signals.length < 80) sorts.push('length:short');
  return sorts;
}
