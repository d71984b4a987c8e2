/** The wires that the server speaks, told apart by their paths. */
import { anthropic } from './anthropic.ts';
import { bedrock } from './bedrock.ts';
import { google } from './google.ts';
import { openai } from './openai.ts';
import type { Wire } from './wire.ts';

export const WIRES: readonly Wire[] = [openai, anthropic, google, bedrock];
export type { Asked, Refusal, Wire } from './wire.ts';
