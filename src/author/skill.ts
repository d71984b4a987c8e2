/** A skill: one thing agents can do, with the shapes of what goes in and comes out. */
import { z } from 'zod';
import { checkName, checkOptions, errorText, hashText, isOf } from '../base/index.ts';
import { SKILL } from './options.ts';

export type Schema<T = unknown> = z.ZodType<T>;

export interface Skill<I = unknown, O = unknown> {
  name: string;
  input?: Schema<I>;
  output?: Schema<O>;
  description?: string;
}

export type SkillShapes<I, O> = Omit<Skill<I, O>, 'name'>;

export function skill<I, O>(name: string, shapes: SkillShapes<I, O> = {}): Skill<I, O> {
  checkName(name);
  checkOptions(shapes, SKILL, 'skill', name);
  return { name, ...shapes };
}

const fingerprints = new WeakMap<Schema, string>();

/** A hash of what the schema accepts, the same in every process that has the same schema. */
export function schemaHash(schema: Schema | undefined): string | undefined {
  if (schema === undefined) return undefined;
  let fingerprint = fingerprints.get(schema);
  if (fingerprint === undefined) {
    fingerprint = hashText(JSON.stringify(z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }))).slice(
      0,
      12,
    );
    fingerprints.set(schema, fingerprint);
  }
  return fingerprint;
}

/**
 * What a schema makes of a value, or what is wrong with it. Total: a transform or a check of the author's may throw, and
 * one that gives a promise is nothing to wait for here.
 */
export function parseWith<T>(schema: Schema<T>, value: unknown): { data: T; problem?: undefined } | Unfit {
  try {
    const parsed = schema.safeParse(value);
    return parsed.success ? { data: parsed.data } : { problem: problems(parsed.error) };
  } catch (thrown) {
    if (isOf(thrown, z.core.$ZodAsyncError))
      return { problem: 'its schema gives a promise (an async check or transform), and must answer at once' };
    return { problem: `its schema threw: ${errorText(thrown)}` };
  }
}

interface Unfit {
  data?: undefined;
  problem: string;
}

/** The first few problems of a value, in words with their places. */
export function problems(error: z.ZodError): string {
  const MOST = 5;
  const lines = error.issues
    .slice(0, MOST)
    .map((issue) => `${issue.path.map(String).join('.') || 'value'}: ${issue.message}`);
  if (error.issues.length > MOST) lines.push(`and ${error.issues.length - MOST} more`);
  return lines.join('; ');
}
