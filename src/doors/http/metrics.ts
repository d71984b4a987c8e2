/** What a site tells Prometheus. The list in docs/http.md is made of this one. */
import type { Site } from '../../site/site.ts';
import type { Guard } from '../guard/index.ts';
import { createFigures, type Figures } from './figures.ts';

export interface Metrics {
  /** A request was answered. */
  answered(call: string, status: number, tookMs: number): void;
  readers(change: 1 | -1): void;
  /** An event was sent to a reader. */
  sent(): void;
  text(): Promise<string>;
  list: Figures['list'];
}

/** Streams are listed for counting at most this far. */
const MAX_OPEN_COUNTED = 10_000;

export function createMetrics(site: Site, guard: () => Guard): Metrics {
  const figures = createFigures();
  const requests = figures.counter({
    name: 'skein_http_requests_total',
    help: 'Requests answered.',
    labels: ['call', 'status'],
  });
  const seconds = figures.histogram({
    name: 'skein_http_request_seconds',
    help: 'Until a request was answered (a stream: until it began).',
    labels: ['call'],
  });
  figures.counted(
    {
      name: 'skein_http_refused_total',
      help: 'Requests refused at the door, by the code of the fault.',
      labels: ['code'],
    },
    () => [...guard().counts().refused].map(([code, count]) => [[code], count]),
  );
  figures.gauge({ name: 'skein_http_under_way', help: 'Requests under way.' }, () => guard().counts().underWay);
  let readers = 0;
  figures.gauge({ name: 'skein_sse_readers', help: 'Readers of event streams.' }, () => readers);
  const sent = figures.counter({ name: 'skein_sse_events_total', help: 'Events sent to readers.' });
  const attempts = figures.counter({
    name: 'skein_attempts_total',
    help: 'Tries of agents that ended here: answered, failed, or censored (no longer wanted).',
    labels: ['agent', 'skill', 'end'],
  });
  const faults = figures.counter({
    name: 'skein_attempt_faults_total',
    help: 'Tries that failed, by the code of the fault.',
    labels: ['code'],
  });
  const attemptSeconds = figures.histogram({
    name: 'skein_attempt_seconds',
    help: 'How long tries took.',
    labels: ['skill'],
  });
  site.facts.on({
    observed({ agent, skill, end, code, latencyMs }) {
      attempts.add([agent, skill, end]);
      if (code !== undefined) faults.add([code]);
      if (latencyMs !== undefined) attemptSeconds.observe(latencyMs / 1000, [skill]);
    },
  });
  figures.gauge(
    { name: 'skein_runs_held', help: 'Runs in the memory of this worker, by phase.', labels: ['phase'] },
    () => {
      const phases = new Map<string, number>();
      for (const { state } of site.worker.hosts.values()) phases.set(state.phase, (phases.get(state.phase) ?? 0) + 1);
      return [...phases].map(([phase, count]) => [[phase], count]);
    },
  );
  figures.gauge({ name: 'skein_steps_open', help: 'Steps asked and not settled, of the runs held here.' }, () => {
    let open = 0;
    for (const { state } of site.worker.hosts.values()) open += state.open.size;
    return open;
  });
  let openRuns = 0;
  figures.gauge(
    { name: 'skein_runs_open', help: `Runs in the store that have not ended, counted up to ${MAX_OPEN_COUNTED}.` },
    () => openRuns,
  );
  figures.gauge({ name: 'skein_agents', help: 'Agents of this site.' }, () => site.agents.list().length);
  figures.gauge({ name: 'skein_workflows', help: 'Workflows that are known here.' }, () => site.workflows().length);
  figures.gauge({ name: 'skein_commits_failing', help: '1 while the store takes no commits.' }, () =>
    site.worker.trouble === undefined ? 0 : 1,
  );
  figures.gauge({ name: 'process_resident_memory_bytes', help: 'Memory of this process.' }, () =>
    process.memoryUsage.rss(),
  );
  figures.counted({ name: 'process_cpu_seconds_total', help: 'Processor time of this process.' }, () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });

  return {
    answered(call, status, tookMs) {
      requests.add([call, String(status)]);
      seconds.observe(tookMs / 1000, [call]);
    },
    readers: (change) => void (readers += change),
    sent: () => sent.add(),
    async text() {
      openRuns = (await site.store.list({ status: 'open', limit: MAX_OPEN_COUNTED })).length;
      return figures.text();
    },
    list: figures.list,
  };
}
