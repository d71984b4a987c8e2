/** What a site tells Prometheus. The list in docs/http.md is made of this one. */
import type { Event } from '../../model/index.ts';
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
  const door = countDoor(figures, guard);
  countAttempts(figures, site);
  countJournal(figures, site);
  gaugeSite(figures, site);
  let openRuns = 0;
  const help = `Runs in the store that have not ended, counted up to ${MAX_OPEN_COUNTED}.`;
  figures.gauge({ name: 'skein_runs_open', help }, () => openRuns);

  return {
    ...door,
    async text() {
      openRuns = (await site.store.list({ status: 'open', limit: MAX_OPEN_COUNTED })).length;
      return figures.text();
    },
    list: figures.list,
  };
}

function countDoor(figures: Figures, guard: () => Guard): Pick<Metrics, 'answered' | 'readers' | 'sent'> {
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
  return {
    answered(call, status, tookMs) {
      requests.add([call, String(status)]);
      seconds.observe(tookMs / 1000, [call]);
    },
    readers: (change) => void (readers += change),
    sent: () => sent.add(),
  };
}

function countAttempts(figures: Figures, site: Site): void {
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
  const seconds = figures.histogram({ name: 'skein_attempt_seconds', help: 'How long tries took.', labels: ['skill'] });
  site.facts.on({
    observed({ agent, skill, end, code, latencyMs }) {
      attempts.add([agent, skill, end]);
      if (code !== undefined) faults.add([code]);
      if (latencyMs !== undefined) seconds.observe(latencyMs / 1000, [skill]);
    },
  });
}

/** What this worker decided and wrote since it began. */
function countJournal(figures: Figures, site: Site): void {
  const started = figures.counter({
    name: 'skein_runs_started_total',
    help: 'Runs admitted here.',
    labels: ['workflow'],
  });
  const ended = figures.counter({ name: 'skein_runs_ended_total', help: 'Runs that ended here.', labels: ['outcome'] });
  const settled = figures.counter({ name: 'skein_steps_settled_total', help: 'Steps settled here.', labels: ['out'] });
  const healed = figures.counter({
    name: 'skein_faults_healed_total',
    help: 'Failures healed, and by what.',
    labels: ['by'],
  });
  const escalated = figures.counter({
    name: 'skein_faults_escalated_total',
    help: 'Failures with no way left: told to a person, or the end of the run.',
    labels: ['to'],
  });
  const events = figures.counter({
    name: 'skein_events_total',
    help: 'Events of journals decided here.',
    labels: ['type'],
  });
  const commits = figures.counter({
    name: 'skein_commits_total',
    help: 'Group commits; failed ones are tried again.',
    labels: ['barrier', 'end'],
  });
  const seconds = figures.histogram({
    name: 'skein_commit_seconds',
    help: 'How long group commits took.',
    labels: ['barrier'],
  });
  const appends = figures.counter({ name: 'skein_appends_total', help: 'Appends to journals in group commits.' });
  const lost = figures.counter({ name: 'skein_appends_lost_total', help: 'Appends that lost to another worker.' });

  function count(event: Event): void {
    events.add([event.type]);
    if (event.type === 'run.admitted') started.add([event.workflow]);
    else if (event.type === 'run.ended') ended.add([event.outcome]);
    else if (event.type === 'step.settled') settled.add([event.out]);
    else if (event.type === 'fault.healed') healed.add([event.by]);
    else if (event.type === 'fault.escalated') escalated.add([event.to]);
  }
  site.pulse.on({
    decided: (all) => all.forEach(count),
    committed({ tookMs, barrier, failed, appends: runs, lost: losers }) {
      commits.add([String(barrier), failed ? 'failed' : 'done']);
      seconds.observe(tookMs / 1000, [String(barrier)]);
      appends.add([], runs);
      lost.add([], losers);
    },
  });
}

function gaugeSite(figures: Figures, site: Site): void {
  const hosts = () => [...site.worker.hosts.values()];
  const sum = (of: (host: ReturnType<typeof hosts>[number]) => number) =>
    hosts().reduce((all, host) => all + of(host), 0);

  figures.gauge(
    { name: 'skein_runs_held', help: 'Runs in the memory of this worker, by phase.', labels: ['phase'] },
    () => {
      const phases = new Map<string, number>();
      for (const { state } of hosts()) phases.set(state.phase, (phases.get(state.phase) ?? 0) + 1);
      return [...phases].map(([phase, count]) => [[phase], count]);
    },
  );
  figures.gauge({ name: 'skein_steps_open', help: 'Steps asked and not settled, of the runs held here.' }, () =>
    sum(({ state }) => state.open.size),
  );
  figures.gauge({ name: 'skein_calls_out', help: 'Calls of agents under way, of the runs held here.' }, () =>
    sum(({ calls }) => calls?.size ?? 0),
  );
  figures.gauge({ name: 'skein_inputs_waiting', help: 'Inputs that wait to be decided.' }, () =>
    sum(({ inbox }) => inbox.length),
  );
  figures.gauge({ name: 'skein_turns_unwritten', help: 'Turns that wait for the next commit.' }, () =>
    sum(({ turns }) => turns.length),
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
}
