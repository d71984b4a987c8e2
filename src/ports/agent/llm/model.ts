/**
 * A model behind the AI SDK's provider layer, opened by `provider/model`.
 *
 * The layer above (`ai`) brings retries, tool loops and traces of its own. Here the journal owns all three, and a
 * call has one retry owner; so the providers are used directly.
 */
import type { OpenAICompatibleChatLanguageModel } from '@ai-sdk/openai-compatible';
import { Fault, toFault } from '../../../base/index.ts';
import type { AgentEnvironment, LlmDeclaration } from '../declare.ts';

type Known = OpenAICompatibleChatLanguageModel;
export type ModelOptions = Parameters<Known['doStream']>[0];
export type ModelResult = Awaited<ReturnType<Known['doGenerate']>>;
export type ModelStream = Awaited<ReturnType<Known['doStream']>>['stream'];

/** What every provider of the AI SDK gives for a model. */
export interface Model {
  doGenerate(options: ModelOptions): PromiseLike<ModelResult>;
  doStream(options: ModelOptions): PromiseLike<{ stream: ModelStream }>;
}

interface Opening {
  id: string;
  key: string | undefined;
  baseUrl: string | undefined;
  env: AgentEnvironment['env'];
  structured: boolean;
}

interface Provider {
  /** Where keys are, in order. None: it needs no key. */
  keys: readonly string[];
  /** What to install, beside skein. */
  needs: string;
  /** Of a server that speaks as OpenAI's does. */
  baseUrl?: string;
  open(opening: Opening): Promise<Model>;
}

/** Servers that speak as OpenAI's does. */
const COMPATIBLE: Record<string, [baseUrl: string, ...keys: string[]]> = {
  openai: ['https://api.openai.com/v1', 'OPENAI_API_KEY'],
  openrouter: ['https://openrouter.ai/api/v1', 'OPENROUTER_API_KEY'],
  groq: ['https://api.groq.com/openai/v1', 'GROQ_API_KEY'],
  mistral: ['https://api.mistral.ai/v1', 'MISTRAL_API_KEY'],
  deepseek: ['https://api.deepseek.com/v1', 'DEEPSEEK_API_KEY'],
  xai: ['https://api.x.ai/v1', 'XAI_API_KEY'],
  together: ['https://api.together.xyz/v1', 'TOGETHER_API_KEY'],
  fireworks: ['https://api.fireworks.ai/inference/v1', 'FIREWORKS_API_KEY'],
  ollama: ['http://localhost:11434/v1'],
  vllm: ['http://localhost:8000/v1'],
  lmstudio: ['http://localhost:1234/v1'],
};

const OWN: Record<string, Provider> = {
  anthropic: {
    keys: ['ANTHROPIC_API_KEY'],
    needs: '@ai-sdk/anthropic',
    async open({ id, key, baseUrl }) {
      const { createAnthropic } = await import('@ai-sdk/anthropic');
      return createAnthropic({ apiKey: key, baseURL: baseUrl }).languageModel(id);
    },
  },
  google: {
    keys: ['GOOGLE_GENERATIVE_AI_API_KEY', 'GEMINI_API_KEY', 'GOOGLE_API_KEY'],
    needs: '@ai-sdk/google',
    async open({ id, key, baseUrl }) {
      const { createGoogle } = await import('@ai-sdk/google');
      return createGoogle({ apiKey: key, baseURL: baseUrl }).languageModel(id);
    },
  },
  bedrock: {
    keys: ['AWS_BEARER_TOKEN_BEDROCK', 'AWS_SECRET_ACCESS_KEY'],
    needs: '@ai-sdk/amazon-bedrock',
    async open({ id, key, baseUrl, env }) {
      const { createAmazonBedrock } = await import('@ai-sdk/amazon-bedrock');
      return createAmazonBedrock({
        region: env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'],
        // The other way is to sign, with both halves of an access key.
        apiKey: key === env['AWS_SECRET_ACCESS_KEY'] ? undefined : key,
        accessKeyId: env['AWS_ACCESS_KEY_ID'],
        secretAccessKey: env['AWS_SECRET_ACCESS_KEY'],
        sessionToken: env['AWS_SESSION_TOKEN'],
        baseURL: baseUrl,
      }).languageModel(id);
    },
  },
};

function compatible(name: string, baseUrl: string | undefined, keys: readonly string[]): Provider {
  return {
    keys,
    needs: '@ai-sdk/openai-compatible',
    baseUrl,
    async open({ id, key, baseUrl: given, structured }) {
      const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
      const baseURL = given ?? baseUrl;
      if (baseURL === undefined)
        throw new Fault(
          'input.invalid',
          `no provider '${name}' is known: name its \`baseUrl\`, or use one of ${known()}`,
        );
      const options = { name, baseURL, includeUsage: true, supportsStructuredOutputs: structured };
      return createOpenAICompatible(key === undefined ? options : { ...options, apiKey: key }).languageModel(id);
    },
  };
}

function known(): string {
  return [...Object.keys(OWN), ...Object.keys(COMPATIBLE)].join(', ');
}

export function providerOf(declaration: LlmDeclaration): { provider: Provider; name: string; id: string } {
  const cut = declaration.llm.indexOf('/');
  const name = declaration.llm.slice(0, cut);
  const [baseUrl, ...keys] = COMPATIBLE[name] ?? [undefined];
  return { name, id: declaration.llm.slice(cut + 1), provider: OWN[name] ?? compatible(name, baseUrl, keys) };
}

/** The names of the environment variables that may hold its key, in order. */
export function keyNames(declaration: LlmDeclaration): readonly string[] {
  return declaration.keyEnv === undefined ? providerOf(declaration).provider.keys : [declaration.keyEnv];
}

export async function openModel(declaration: LlmDeclaration, { env }: AgentEnvironment): Promise<Model> {
  const { provider, id, name } = providerOf(declaration);
  const names = keyNames(declaration);
  const key = names.map((one) => env[one]).find((value) => value !== undefined && value !== '');
  // A server at an address of one's own may want none.
  if (key === undefined && names.length > 0 && (declaration.baseUrl === undefined || declaration.keyEnv !== undefined))
    throw new Fault('agent.refused', `agent '${declaration.name}' has no key for ${name}: set ${names.join(' or ')}`, {
      retry: 'elsewhere',
      detail: { next: `Set ${names.join(' or ')} in the environment of the site.` },
    });
  const structured = declaration.structured !== 'prompt';
  try {
    return await provider.open({ id, key, baseUrl: declaration.baseUrl, env, structured });
  } catch (thrown) {
    if (!isMissing(thrown)) throw toFault(thrown, 'agent.failed');
    throw new Fault(
      'agent.refused',
      `agent '${declaration.name}' needs ${provider.needs}: npm install ${provider.needs}`,
      {
        retry: 'elsewhere',
      },
    );
  }
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_MODULE_NOT_FOUND';
}
