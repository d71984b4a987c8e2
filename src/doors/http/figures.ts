/** Counters, gauges and histograms, and their text for Prometheus. */

export interface FigureOptions {
  name: string;
  help: string;
  /** Names of its labels. */
  labels?: readonly string[];
}

export interface Counter {
  add(labels?: readonly string[], by?: number): void;
}

export interface Histogram {
  observe(value: number, labels?: readonly string[]): void;
}

/** What is read when it is asked for. */
export type Read = () => number | readonly (readonly [labels: readonly string[], value: number])[];

export interface Figures {
  counter(options: FigureOptions): Counter;
  histogram(options: FigureOptions & { bounds?: readonly number[] }): Histogram;
  gauge(options: FigureOptions, read: Read): void;
  /** A counter that somebody else keeps. */
  counted(options: FigureOptions, read: Read): void;
  list(): { name: string; kind: string; help: string; labels: readonly string[] }[];
  text(): string;
}

/** Label values come from outside: beyond so many combinations the rest is counted as one. */
const MAX_SERIES = 500;
const REST = 'other';
/** Seconds: from a commit on a fast disk to a call that should have ended. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

interface Figure extends FigureOptions {
  kind: 'counter' | 'gauge' | 'histogram';
  lines(): string[];
}

export function createFigures(): Figures {
  const figures: Figure[] = [];

  function readFigure(kind: 'counter' | 'gauge', options: FigureOptions, read: Read): void {
    const lines = (): string[] => {
      const value = read();
      const series = typeof value === 'number' ? [[[], value] as const] : value;
      return series.map(([labels, one]) => `${options.name}${braces(options, labels)} ${one}`);
    };
    figures.push({ ...options, kind, lines });
  }

  return {
    counter(options) {
      const series = createSeries(options, () => ({ value: 0 }));
      if (options.labels === undefined) series.of([]);
      const read: Read = () => [...series.all()].map(([labels, { value }]) => [labels, value]);
      readFigure('counter', options, read);
      return { add: (labels = [], by = 1) => void (series.of(labels).value += by) };
    },
    histogram({ bounds = SECONDS, ...options }) {
      const series = createSeries(options, () => ({ counts: bounds.map(() => 0), count: 0, sum: 0 }));
      const lines = (): string[] =>
        [...series.all()].flatMap(([labels, { counts, count, sum }]) => {
          const buckets = [...bounds.map(String), '+Inf'].map(
            (bound, i) => `${options.name}_bucket${braces(options, labels, bound)} ${counts[i] ?? count}`,
          );
          const [end, all] = [braces(options, labels), `${count}`];
          return buckets.concat(`${options.name}_sum${end} ${sum}`, `${options.name}_count${end} ${all}`);
        });
      figures.push({ ...options, kind: 'histogram', lines });
      return {
        observe(value, labels = []) {
          const one = series.of(labels);
          one.count++;
          one.sum += value;
          for (let i = 0; i < bounds.length; i++) if (value <= bounds[i]!) one.counts[i]!++;
        },
      };
    },
    gauge: (options, read) => readFigure('gauge', options, read),
    counted: (options, read) => readFigure('counter', options, read),
    list: () => figures.map(({ name, kind, help, labels = [] }) => ({ name, kind, help, labels })),
    text() {
      const parts = figures.flatMap((figure) =>
        [`# HELP ${figure.name} ${figure.help}`, `# TYPE ${figure.name} ${figure.kind}`].concat(figure.lines()),
      );
      return `${parts.join('\n')}\n`;
    },
  };
}

interface Series<T> {
  of(labels: readonly string[]): T;
  all(): Iterable<[readonly string[], T]>;
}

function createSeries<T>({ labels: names = [] }: FigureOptions, fresh: () => T): Series<T> {
  const known = new Map<string, [readonly string[], T]>();
  const find = (labels: readonly string[]): T => {
    const key = JSON.stringify(labels);
    let one = known.get(key);
    if (one === undefined) {
      if (known.size >= MAX_SERIES && labels[0] !== REST) return find(names.map(() => REST));
      one = [labels, fresh()];
      known.set(key, one);
    }
    return one[1];
  };
  return { of: find, all: () => known.values() };
}

function braces({ labels: names = [] }: FigureOptions, values: readonly string[], le?: string): string {
  const pairs = names.map((name, i) => `${name}="${escape(values[i] ?? '')}"`);
  if (le !== undefined) pairs.push(`le="${le}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escape(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
