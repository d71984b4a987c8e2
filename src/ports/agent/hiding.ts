/**
 * Some peers say back what they were given, the token in their errors first of all. What an agent of others answers
 * passes through here: values of the variables that were named for it are in no answer, no fault and no journal.
 */
import { errorText, Fault, toFault } from '../../base/index.ts';
import type { Agent, AgentCall, AgentReply } from './port.ts';
import { createRedact, createStrictRedact, type Redact } from './secrets.ts';

/** `secrets`: looked up at each call, for they may be renewed. */
export function hideSecrets(agent: Agent, secrets: () => readonly string[]): Agent {
  async function call(given: AgentCall): Promise<AgentReply> {
    const known = secrets();
    const { say } = given;
    const strict = createStrictRedact(known);
    // Its getters stay as they are: they are looked at when they are wanted.
    const passed = say === undefined ? given : Object.create(given, { say: { value: (t: string) => say(strict(t)) } });
    return hidden(secrets, async () => agent.call(passed as AgentCall));
  }
  const around =
    (member: 'reconcile' | 'undo' | 'leave') =>
    (given: never): Promise<unknown> =>
      hidden(secrets, async () => agent[member]!(given) as Promise<unknown>);

  return new Proxy(agent, {
    get(own, member) {
      if (member === 'call') return call;
      const value: unknown = Reflect.get(own, member, own);
      if (typeof value !== 'function') return value;
      return member === 'reconcile' || member === 'undo' || member === 'leave' ? around(member) : value.bind(own);
    },
  });
}

/** What comes of the work, without these. A token may be renewed meanwhile: both are hidden. */
async function hidden<T>(secrets: () => readonly string[], work: () => Promise<T>): Promise<T> {
  const before = secrets();
  const all = (): readonly string[] => [...before, ...secrets()];
  const value = await hideThrown(all, work);
  const known = all();
  return known.length === 0 ? value : (within(value, createStrictRedact(known)) as T);
}

/** Only what it throws. `secrets`: looked up then, for some are known only by then. */
export async function hideThrown<T>(secrets: () => readonly string[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const known = secrets();
    throw known.length === 0 ? thrown : hiddenFault(toFault(thrown, 'agent.failed'), createRedact(known));
  }
}

function hiddenFault(fault: Fault, redact: Redact): Fault {
  const { code, message, retry, afterMs, detail, cause } = fault;
  return new Fault(code, redact(message), {
    retry,
    afterMs,
    detail: within(detail, redact) as Fault['detail'],
    cause: cause === undefined ? undefined : redact(errorText(cause)),
  });
}

/** Strings in plain values and names of their members, at any depth; what holds nothing to hide stays the same object. */
function within(value: unknown, redact: Redact): unknown {
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? redact(value) : value;
  if (value instanceof Fault) return hiddenFault(value, redact);
  const fault = 'fault' in value && value.fault instanceof Fault ? hiddenFault(value.fault, redact) : undefined;
  let found = false;
  const keysHidden = (one: object): object => {
    const entries = Object.entries(one);
    const said = entries.map(([key]) => redact(key));
    if (entries.every(([key], i) => key === said[i])) return one;
    found = true;
    return Object.fromEntries(entries.map(([, member], i) => [said[i]!, member]));
  };
  try {
    const copy: unknown = JSON.parse(JSON.stringify(value), (_, one: unknown) => {
      if (typeof one === 'object' && one !== null && !Array.isArray(one)) return keysHidden(one);
      if (typeof one !== 'string') return one;
      const said = redact(one);
      found ||= said !== one;
      return said;
    });
    if (fault === undefined) return found ? copy : value;
    return Object.assign(found ? (copy as object) : { ...value }, { fault });
  } catch {
    // What is no JSON is refused by whoever keeps it.
    return value;
  }
}
