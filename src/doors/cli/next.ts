/**
 * The last line of every error: what to do next, in this door's own words and for this very failure. Whoever throws
 * may say it (`detail.next`); what the store and the network report, and what runs end with, is answered here.
 */
import { type Fault, type FaultCode, shellWord } from '../../base/index.ts';

export interface Asked {
  /** The command that failed: `skein agents add`. */
  command?: string;
  /** The run it is about. */
  run?: string;
}

export function nextOf(fault: Fault, asked: Asked = {}): string {
  const { next, run: about } = fault.detail ?? {};
  if (typeof next === 'string') return next;
  const run = asked.run ?? (typeof about === 'string' ? about : undefined);
  const say = nexts[fault.code];
  if (say === undefined) return fault.todo;
  return typeof say === 'string'
    ? say
    : say({ command: asked.command ?? 'skein', run: run === undefined ? NO_RUN : shellWord(run), fault });
}

const NO_RUN = 'RUN';

interface About {
  command: string;
  run: string;
  fault: Fault;
}

/** Commands that list what their inner ones name. */
const LISTS = ['skein token', 'skein agents'];

const ADDRESS = '--store, SKEIN_STORE or `store` in skein.config';

const nexts: Partial<Record<FaultCode, string | ((about: About) => string)>> = {
  'input.invalid': ({ command }) => `Mend what is named above, then again; examples: ${command} --help`,
  'plan.invalid': ({ run }) =>
    run === NO_RUN
      ? 'Mend the places named above; `skein check FILE` finds all of them before anything runs.'
      : `See what the step was given: skein show ${run}. Then mend the expression in the plan, or what it reads; an \`input\` schema in the plan refuses a wrong input at the start.`,
  'not-found': ({ command }) => {
    const lists = LISTS.find((one) => command.startsWith(one));
    if (lists !== undefined) return `\`${lists}\` lists those that there are.`;
    return `Look what there is: skein ps (runs), skein agents, skein check; or ${command} --help`;
  },
  'input.not-json': 'Give plain JSON: no functions, dates, circles or NaN.',
  'rights.missing': ({ command }) =>
    `Ask somebody who has the right; who may do what at the doors: skein token (this was ${command})`,
  conflict: ({ run }) => `See how it stands now, then decide again: skein ps, skein show ${run}`,
  'step.repeated': 'Give each use of the name in the workflow its own `key`, then run it again.',
  'step.drift': ({ run }) => `Decide on the step: skein drift ${run} STEP keep (or redo, or fork)`,
  'step.failed': ({ run }) => `See who was tried and why it failed: skein faults ${run}`,
  'step.skipped': ({ run }) => `See what it hung on: skein show ${run}`,
  'step.timeout': ({ run }) => `See who took so long: skein faults ${run}; allow more time, or another agent.`,
  'step.cancelled': ({ run }) => `Nothing is left to do; who cancelled it, and why: skein journal ${run} --type run`,
  'join.impossible': ({ run }) => `See which branches failed, and why: skein faults ${run}`,
  'gate.denied': ({ run }) => `See who said no, and why: skein journal ${run} --type gate.answered`,
  'workflow.threw': ({ run }) => `Mend the code of the workflow, then go on from what had settled: skein fork ${run}`,
  'workflow.unknown': 'Name its file under `workflows` in skein.config, or give it: skein run FILE',
  'workflow.stuck': ({ run }) => `In the code await nothing but calls of \`run\`, then: skein fork ${run}`,
  'run.poison': ({ run }) => `See what was under way: skein show ${run}; then skein approve, or deny.`,
  'payload.erased': ({ run }) =>
    `See what was erased, and by whom: skein journal ${run} --type payload; then start it anew, or: skein fork ${run} --input JSON`,
  'output.invalid': ({ run }) => `See what the agent said: skein faults ${run}; mend the agent or the schema.`,
  'agent.none': 'Add an agent that has the skill: skein agents add --help; who is here: skein agents',
  'agent.failed': ({ run }) => `See who was tried and what they said: skein faults ${run}`,
  'input.required': ({ run }) =>
    `Answer what it asks: skein show ${run}, then skein approve ${run} --edit JSON, or deny.`,
  'effect.unknown': ({ run }) =>
    `Look at the other end whether it happened, then: skein approve ${run} (it did), or skein deny ${run}`,
  'deadline.passed': 'Give it more time: skein run WHAT --deadline SECONDS, or `deadlineMs` of the workflow.',
  'no-way-left': ({ run }) => `See what shut every way: skein faults ${run}; when it is healed: skein fork ${run}`,
  'budget.spent': ({ run }) =>
    `See who spent it: skein show ${run}; raise the budget in the workflow, or cut the work.`,
  'site.stopped': 'Start the site again with `skein up`; the run goes on where it was.',
  'store.unreachable': ({ fault }) => nextOfServer(fault),
  'store.read-only': ({ fault }) => `Let this user write to ${placeOf(fault)}, or name another store: ${ADDRESS}.`,
  'store.full': ({ fault }) => `Make room on the disk of ${placeOf(fault)}, then again; nothing written is lost.`,
  'store.io': ({ fault }) =>
    stateOf(fault) === ''
      ? `Look at ${placeOf(fault)} (is the folder there, is it a local disk?), or name another store: ${ADDRESS}.`
      : 'Look at the log of the PostgreSQL server, then again.',
  'store.corrupt': ({ fault }) =>
    `Keep ${placeOf(fault)} for analysis and put a backup in its place: skein restore BACKUP`,
  'store.foreign': ({ fault }) =>
    `Name another store: ${ADDRESS}. If ${placeOf(fault)} was one, it is damaged: skein restore BACKUP`,
  'store.newer': 'The store was written by a newer Skein: npm install skein@latest',
  'journal.broken': ({ run }) =>
    `See where it was changed: skein verify ${run}; a backup is put back with skein restore.`,
};

function placeOf({ detail }: Fault): string {
  const path = detail?.['path'];
  return typeof path === 'string' ? path : 'the store';
}

/** PostgreSQL says by a code what is wrong; '' where it was not asked. */
function stateOf({ detail }: Fault): string {
  const state = detail?.['state'];
  return typeof state === 'string' ? state : '';
}

function nextOfServer(fault: Fault): string {
  const { message } = fault;
  const state = stateOf(fault);
  if (state === 'ECONNREFUSED' || state === 'ENOENT')
    return `Nothing listens there: start the server (systemctl start postgresql), or point to it: ${ADDRESS} (postgres://USER@HOST:5432/DATABASE).`;
  if (state === 'ENOTFOUND' || state === 'EAI_AGAIN') return `No machine has that name: mend the host in ${ADDRESS}.`;
  if (state.startsWith('28')) return `The server does not let this user in: mend name and password in ${ADDRESS}.`;
  if (state.startsWith('3D')) return `Make the database with createdb, or name another one in ${ADDRESS}.`;
  if (state === 'CONNECT_TIMEOUT' || message.includes('no answer within'))
    return `Nobody answers there: look whether the server is up and no firewall is between, or mend ${ADDRESS}.`;
  if (/CERT|SELF_SIGNED|UNABLE_TO/.test(state) || message.includes('TLS'))
    return `Mend how TLS is wanted (sslmode, sslrootcert) in ${ADDRESS}.`;
  return `Look whether the server is up and lets this machine in, or mend ${ADDRESS}.`;
}
