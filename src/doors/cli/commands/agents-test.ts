/** `skein agents test` */
import type { Command } from 'commander';
import { Fault, faultTable } from '../../../base/index.ts';
import { loadParts, openParts } from '../../../site/config/index.ts';
import { type Tried, tryAgent } from '../../../site/registry/index.ts';
import { addCommand } from '../command.ts';
import type { Door, SiteWords } from '../door.ts';
import { EXITS } from '../exits.ts';
import { readGivenJson } from '../given-json.ts';
import { keptDeclarations } from '../kept-agents.ts';
import { amountsText, plain } from '../paint.ts';

interface Given extends SiteWords {
  skill?: string;
  input?: string;
  effects?: boolean;
  timeout: string;
}

const SHOWN_CHARS = 300;

export function registerAgentsTest(agents: Command, door: Door): void {
  addCommand(agents, {
    name: 'test <name>',
    does: 'really call an agent, each of its skills once, and say what came back',
    examples: [
      ['agents test writer', 'with the smallest input that each skill takes'],
      ['agents test mail --skill send --input \'{"to":"me"}\' --effects', 'one that changes something'],
    ],
    exits: { [EXITS.no]: 'a skill failed' },
  })
    .option('--skill <name>', 'only this skill')
    .option('--input <json>', 'what it is asked: JSON, @file, or - for standard input')
    .option('--effects', 'also call skills that are not pure')
    .option('--timeout <seconds>', 'how long a call may take', '60')
    .action(async (name: string, given: Given) => {
      const tried = await tryNamed(name, given, door);
      if (tried.some((one) => one.result === 'failed')) door.exitCode = EXITS.no;
      door.tell({ agent: name, tried }, () => tried.flatMap((one) => words(one, door)));
    });
}

async function tryNamed(name: string, given: Given, door: Door): Promise<Tried[]> {
  const seconds = Number(given.timeout);
  if (!(seconds > 0)) throw new Fault('input.invalid', `--timeout is '${given.timeout}': give seconds`);
  const settings = await door.settings(given);
  const parts = await loadParts(settings.config, settings.folder);
  const declared = [...parts.declared, ...(await keptDeclarations(settings, door))];
  const one = declared.find((declaration) => declaration.name === name);
  // Others are opened only where it may use them.
  const needsOthers = one !== undefined && 'tools' in one && (one.tools?.length ?? 0) > 0;
  const opened = await openParts(
    { ...parts, declared: needsOthers || one === undefined ? declared : [one] },
    settings.folder,
  );
  try {
    const agent = opened.find((each) => each.name === name);
    if (agent === undefined) {
      const names = opened.map((each) => each.name).join(', ') || 'none';
      throw new Fault('not-found', `no agent is named '${name}'; there are: ${names}`);
    }
    if (given.skill !== undefined && !agent.skills.some((skill) => skill.name === given.skill))
      throw new Fault(
        'not-found',
        `agent '${name}' has no skill '${given.skill}'; it has: ${agent.skills.map((skill) => skill.name).join(', ')}`,
      );
    const input = given.input === undefined ? undefined : readGivenJson(given.input, door.terminal, '--input');
    return await tryAgent({
      agent,
      others: opened.filter((each) => each !== agent),
      skill: given.skill,
      input,
      effects: given.effects,
      timeoutMs: seconds * 1_000,
    });
  } finally {
    for (const each of opened) await each.close?.();
  }
}

function words({ skill, effect, result, tookMs, output, cost, fault }: Tried, { paint }: Door): string[] {
  if (result === 'skipped')
    return [`${paint('yellow', '-')} ${plain(skill)}: ${effect}, so it was not called; say --effects to call it`];
  const spent = amountsText(cost ?? {});
  const facts = [`${tookMs} ms`, ...(spent === '' ? [] : [spent])].join(', ');
  if (result === 'ok') {
    const text = typeof output === 'string' ? output : JSON.stringify(output);
    return [`${paint('green', '✓')} ${plain(skill)} (${facts})`, `  ${plain((text ?? '').slice(0, SHOWN_CHARS))}`];
  }
  if (result === 'asks')
    return [
      `${paint('yellow', '?')} ${plain(skill)} (${facts})`,
      `  ${plain(fault?.message ?? '')}: in a run, a person answers`,
    ];
  const next = fault?.detail?.['next'];
  const todo = typeof next === 'string' ? next : fault === undefined ? '' : faultTable[fault.code].todo;
  return [
    `${paint('red', '✗')} ${plain(skill)} (${facts}) ${fault?.code ?? ''}: ${plain(fault?.message ?? '')}`,
    `  ${todo}`,
  ];
}
