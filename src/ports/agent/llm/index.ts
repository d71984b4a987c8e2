/**
 * A model as an agent.
 *
 * L1  Without tools a call is one turn; where the answer does not fit the step's schema, at most MAX_REPAIRS more.
 * L2  With tools a call is a run of its own (the desk's `takeTurns`), in which each turn and each tool call is a
 *     step: a turn once answered is never paid twice, and a tool's effect goes through its own effect class.
 * L3  Of many tools the model is shown the few that fit: an agent beside it finds them, as steps of that run.
 * L4  No key leaves this room: errors and answers pass through `secrets.ts`.
 * L5  Nothing is sent that could cost more than what the budget holds for the call.
 */
import { Fault, type Json } from '../../../base/index.ts';
import type { Amounts, EffectClass, Usage } from '../../../model/index.ts';
import type { AgentEnvironment, LlmDeclaration, SkillDeclaration } from '../declare.ts';
import type { Agent, AgentCall, AgentDesk, AgentReply, AgentSkill, ToolsWanted } from '../port.ts';
import {
  isPattern,
  isPlainText,
  MAX_REPAIRS,
  mendWords,
  modelOf,
  readAnswer,
  shelfOf,
  shelfSkillOf,
  textOf,
  toolName,
  turnSkillOf,
  wantedOf,
  wordsFor,
} from './answer.ts';
import { providerFault } from './faults.ts';
import { keyNames, type Model, openModel } from './model.ts';
import { costOf, mostOf, priceOf, PRICES, type PriceTable } from './prices.ts';
import { createRedact, createStrictRedact, secretsOf } from '../secrets.ts';
import { addUsage, estimateTokens, type Message, takeTurn, type TurnTask, turnTask, unfinished } from './turn.ts';

const MAX_INPUT_TOKENS = 32_000;
const MAX_OUTPUT_TOKENS = 4_096;
/** Turns of a call with tools: a model that has not come to an end by then goes in circles. */
const MAX_TURNS = 16;
/** L3. Models choose well among so many; with more tools than that a shelf is worth its steps. */
const SHOWN = 8;
const SHELF_FROM = 24;
/** What the first tools are to be good for is told by the beginning of a task. */
const MAX_ABOUT = 4_000;

/** In words of our own: who reads the types of this package need not have the AI SDK. */
export interface SdkModel {
  doGenerate(options: never): PromiseLike<object>;
  doStream(options: never): PromiseLike<object>;
}

export interface LlmOptions {
  /** Instead of opening one by the declaration: any model of the AI SDK. */
  model?: SdkModel;
  prices?: PriceTable;
}

export function open(declaration: LlmDeclaration, environment: AgentEnvironment): Agent {
  return createLlmAgent(declaration, environment);
}

export function createLlmAgent(given: LlmDeclaration, environment: AgentEnvironment, options: LlmOptions = {}): Agent {
  const { name, tools = [] } = given;
  const maxInputTokens = given.maxInputTokens ?? MAX_INPUT_TOKENS;
  const maxOutputTokens = given.maxOutputTokens ?? MAX_OUTPUT_TOKENS;
  const price = given.tokenPrice ?? priceOf({ ...PRICES, ...environment.prices, ...options.prices }, given.llm);
  const secrets = secretsOf(environment.env, keyNames(given));
  const redact = createRedact(secrets);
  const strictRedact = createStrictRedact(secrets);
  const most = mostOf(maxInputTokens, maxOutputTokens, price);
  const withTools = tools.length > 0;
  let opened: Promise<Model> | undefined;
  let desk: AgentDesk | undefined;

  function model(): Promise<Model> {
    if (options.model !== undefined) return Promise.resolve(options.model as Model);
    // One that could not be opened is tried again: the key or the package may be there by then.
    opened ??= openModel(given, environment).catch((thrown: unknown) => {
      opened = undefined;
      throw thrown;
    });
    return opened;
  }

  /** L5: how many tokens the answer may have. */
  function room(call: AgentCall, task: TurnTask, schema: Json | undefined, used: Usage): number {
    const input = estimateTokens(task, schema);
    if (input > maxInputTokens)
      throw new Fault(
        'input.too-large',
        `agent '${name}' takes ${maxInputTokens} tokens of input, and this is about ${input}`,
        { retry: 'elsewhere' },
      );
    const { tokens, money } = call.held ?? {};
    const spent = costOf(used, price);
    let left = maxOutputTokens;
    if (tokens !== undefined) left = Math.min(left, tokens - (spent.tokens ?? 0) - input);
    if (money !== undefined && price !== undefined && price.output > 0) {
      const inputMoney = mostOf(input, 0, price).money ?? 0;
      const perToken = price.output / 1_000_000;
      left = Math.min(left, Math.floor((money - (spent.money ?? 0) - inputMoney) / perToken));
    }
    return left;
  }

  /** One turn; used is what this call has cost before. */
  async function turn(
    call: AgentCall,
    task: TurnTask,
    schema: Json | undefined,
    used: Usage,
  ): Promise<{ parts: Awaited<ReturnType<typeof takeTurn>>['parts']; usage: Usage; fault?: Fault }> {
    const maxTokens = room(call, task, schema, used);
    if (maxTokens < 1)
      throw new Fault('budget.spent', `what is held for this call of agent '${name}' leaves no room for an answer`);
    const limit = given.limits?.timeoutMs;
    const signal = limit === undefined ? call.signal : AbortSignal.any([call.signal, AbortSignal.timeout(limit)]);
    try {
      const said = await takeTurn(await model(), task, {
        maxOutputTokens: maxTokens,
        temperature: given.temperature,
        providerOptions: given.providerOptions as never,
        schema: given.structured === 'prompt' ? undefined : schema,
        signal,
        say: given.stream === false ? undefined : (piece) => call.say?.(strictRedact(piece)),
      });
      const usage = addUsage({ model: given.llm, ...used }, said.usage);
      const parts = said.parts.map((part) => (part.is === 'text' ? { ...part, text: strictRedact(part.text) } : part));
      return { parts, usage, fault: unfinished(said, name, maxTokens) };
    } catch (thrown) {
      if (call.signal.aborted) throw call.signal.reason;
      if (signal.aborted)
        throw new Fault('step.timeout', `agent '${name}' gave no answer in ${limit} ms`, { cause: 'limits.timeoutMs' });
      throw providerFault(thrown, name, redact);
    }
  }

  function bill(usage: Usage): Pick<AgentReply, 'cost' | 'usage'> {
    return { cost: costOf(usage, price), usage };
  }

  function systemOf(skill: SkillDeclaration): string | undefined {
    const texts = [given.instructions, skill.instructions ?? skill.description];
    return texts.filter((text) => text !== undefined && text !== '').join('\n\n') || undefined;
  }

  /** L1 */
  async function answer(call: AgentCall, skill: SkillDeclaration): Promise<AgentReply> {
    const schema = call.schema ?? skill.output;
    const wanted = schema === undefined || isPlainText(schema) ? undefined : wantedOf(schema);
    const messages: Message[] = [{ by: 'user', text: inputText(call.input) }];
    const system = [
      systemOf(skill),
      wanted !== undefined && given.structured === 'prompt' ? wordsFor(wanted) : undefined,
    ];
    const told = system.filter((text) => text !== undefined).join('\n\n') || undefined;
    let used: Usage = { model: given.llm };
    for (let repairs = 0; ; repairs++) {
      try {
        const said = await turn(call, { system: told, messages }, wanted?.schema, used);
        used = said.usage;
        if (said.fault !== undefined) return { fault: said.fault, ...bill(used) };
        const text = textOf(said.parts);
        if (wanted === undefined) return { output: text, ...bill(used) };
        const read = readAnswer(text, wanted);
        if ('value' in read) return { output: read.value, ...bill(used) };
        if (repairs === MAX_REPAIRS) {
          const why = `agent '${name}' gave no answer that fits the schema in ${repairs + 1} tries: ${read.problem}`;
          return { fault: new Fault('output.invalid', why), ...bill(used) };
        }
        messages.push({ by: 'model', parts: said.parts }, { by: 'user', text: mendWords(read.problem) });
      } catch (thrown) {
        // What was answered before it broke is paid all the same.
        if (used.turns === undefined || !(thrown instanceof Fault)) throw thrown;
        return { fault: thrown, ...bill(used) };
      }
    }
  }

  /** What it may call now. */
  function cardsFor(lent: AgentDesk, skill: SkillDeclaration): AgentSkill[] {
    const all = lent.tools(name, tools);
    const missing = tools.find((tool) => !isPattern(tool) && all.every((card) => card.name !== tool));
    if (missing !== undefined)
      throw new Fault('agent.none', `agent '${name}' may call '${missing}', and nobody here has that skill`, {
        retry: 'elsewhere',
      });
    if (skill.effect !== 'pure') return all;
    // A pattern means those that fit the skill; what is named must.
    const pure = all.find((card) => card.effect !== 'pure' && tools.includes(card.name));
    if (pure === undefined) return all.filter((card) => card.effect === 'pure');
    throw new Fault(
      'input.invalid',
      `skill '${skill.name}' of agent '${name}' is declared pure, and its tool '${pure.name}' is ${pure.effect}: declare the skill idempotent, or give it other tools`,
    );
  }

  /** L2 */
  function takeTurns(call: AgentCall, skill: SkillDeclaration): Promise<AgentReply> {
    if (desk === undefined)
      throw new Fault('agent.refused', `agent '${name}' has tools, and works only as an agent of a site`, {
        retry: 'elsewhere',
      });
    const cards = cardsFor(desk, skill);
    const shown = given.shelf === false ? Infinity : (given.shelf?.show ?? SHOWN);
    const shelved = given.shelf === undefined ? cards.length > SHELF_FROM : cards.length > shown;
    const shelf = {
      agent: shelfOf(name),
      skill: shelfSkillOf(name),
      text: [inputText(call.input).slice(0, MAX_ABOUT), skill.description ?? ''].join('\n'),
      show: shown,
      pure: skill.effect === 'pure' ? true : undefined,
    };
    const task = {
      model: modelOf(name),
      turn: turnSkillOf(name),
      system: systemOf(skill),
      input: inputText(call.input),
      schema: call.schema ?? skill.output,
      maxTurns: given.maxTurns ?? MAX_TURNS,
      shelf: shelved ? shelf : undefined,
      tools: (shelved ? [] : cards).map((card) => ({
        name: toolName(card.name),
        skill: card.name,
        description: card.description,
        input: card.input,
        effect: card.effect,
      })),
    };
    return desk.takeTurns(call, name, JSON.parse(JSON.stringify(task)) as Json);
  }

  async function singleTurn(call: AgentCall): Promise<AgentReply> {
    const said = await turn(call, turnTask.parse(call.input), undefined, { model: given.llm });
    return said.fault === undefined
      ? { output: said.parts, ...bill(said.usage) }
      : { fault: said.fault, ...bill(said.usage) };
  }

  const cards: AgentSkill[] = given.skills.map(({ instructions: _, ...skill }) => ({
    ...skill,
    ...effectOf(skill.effect, withTools),
    // With tools the most is every turn at its dearest; a price of its own or a ceiling on the step says less.
    price: skill.price ?? (withTools ? times(most, given.maxTurns ?? MAX_TURNS) : most),
  }));
  const { limits, version } = given;
  const about = { kind: 'llm', description: given.description ?? given.llm, version };
  // The model itself stands beside the agent that has its tools: its limits are on turns, and a call of the agent
  // that waits for a turn must not take the turn's place.
  const turns: Agent = {
    ...about,
    name: modelOf(name),
    limits,
    skills: [{ name: turnSkillOf(name), description: `one turn of ${given.llm}`, effect: 'pure', price: most }],
    call: singleTurn,
  };

  /** L3 */
  const shelf: Agent = {
    ...about,
    name: shelfOf(name),
    description: `finds tools for '${name}'`,
    skills: [
      {
        name: shelfSkillOf(name),
        description: `of the tools that '${name}' may call, those that fit`,
        effect: 'pure',
        price: { tokens: 0, money: 0 },
      },
    ],
    async call({ input }) {
      if (desk === undefined) throw new Fault('agent.refused', `agent '${name}' finds tools only at a site`);
      return { output: await desk.findTools(name, tools, input as unknown as ToolsWanted) };
    },
  };

  return {
    ...about,
    name,
    ...(withTools ? { companions: given.shelf === false ? [turns] : [turns, shelf] } : { limits }),
    skills: cards,
    bind(lent) {
      desk = lent;
    },
    call(call) {
      const skill = given.skills.find((one) => one.name === call.skill);
      if (skill === undefined) throw new Fault('agent.refused', `agent '${name}' has no skill '${call.skill}'`);
      return withTools ? takeTurns(call, skill) : answer(call, skill);
    },
  };
}

/**
 * A model by itself changes nothing outside. With tools its run is found again by our key, so a repeated call acts
 * once; whether a tool may act is asked in that run, tool by tool.
 */
function effectOf(declared: EffectClass | undefined, withTools: boolean): Pick<AgentSkill, 'effect' | 'keyed'> {
  if (!withTools) return { effect: declared ?? 'pure' };
  return { effect: declared ?? 'idempotent', keyed: true };
}

function times(amounts: Amounts, n: number): Amounts {
  const { tokens = 0, money } = amounts;
  return money === undefined ? { tokens: tokens * n } : { tokens: tokens * n, money: money * n };
}

function inputText(input: Json | undefined): string {
  return typeof input === 'string' ? input : JSON.stringify(input ?? null, undefined, 1);
}
