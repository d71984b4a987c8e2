/** What was meant by words that fit no shape: the members known at their place, and the nearest of several shapes. */
import { z } from 'zod';
import { nearest, nearestName } from '../base/index.ts';

type Issue = z.core.$ZodIssue;

export function membersAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let there: readonly z.ZodType[] = [schema];
  for (const part of path) there = there.flatMap(inside).flatMap((one) => at(one, part));
  return [
    ...new Set(there.flatMap(inside).flatMap((one) => (one instanceof z.ZodObject ? Object.keys(one.shape) : []))),
  ];
}

/** What stands behind `optional`, a default, or several ways to write it. */
function inside(schema: z.ZodType): z.ZodType[] {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable
  )
    return inside(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodLazy) return inside(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodUnion) return (schema.options as z.ZodType[]).flatMap(inside);
  return [schema];
}

function at(schema: z.ZodType, part: PropertyKey): z.ZodType[] {
  if (schema instanceof z.ZodObject) {
    const member = (schema.shape as Record<PropertyKey, z.ZodType>)[part];
    return member === undefined ? [] : [member];
  }
  if (schema instanceof z.ZodArray) return [schema.element as z.ZodType];
  if (schema instanceof z.ZodRecord) return [schema.valueType as z.ZodType];
  return [];
}

/**
 * Where one of several shapes would do, what is wrong inside of the one that was meant: best one of which all members
 * are known or nearly. Else it is said what would fit, in the union's own words where it has some.
 */
export function meantIssues(schema: z.ZodType, issue: Issue, around: readonly PropertyKey[] = []): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const place = [...around, ...issue.path];
  const known = membersAt(schema, place);
  const isKnown = (key: string): boolean => nearestName(key, known) !== undefined;
  const hasWords = issue.message !== NO_WORDS;
  const shapes = issue.errors.map((shape) => shape.flatMap((one) => meantIssues(schema, one, place)));
  const within = shapes.filter((shape) => shape.every(({ path, code }) => path.length > 0 || code === UNKNOWN));
  const begun = within.filter((shape) => strayKeys(shape).every(isKnown));
  const [likest] = (begun.length > 0 || hasWords ? begun : within).toSorted(
    (a, b) => strayKeys(a).length - strayKeys(b).length || wrongShape(a) - wrongShape(b) || a.length - b.length,
  );
  if (likest !== undefined) return likest.map((one) => Object.assign({}, one, { path: [...issue.path, ...one.path] }));
  return [hasWords ? issue : Object.assign({}, issue, { message: wantedBy(shapes) || NO_WORDS })];
}

/** All that is wrong, each with its place: one for each member that nobody knows. */
export function mistakesOf(schema: z.ZodType, error: z.ZodError): { place: PropertyKey[]; message: string }[] {
  return error.issues
    .flatMap((one) => meantIssues(schema, one))
    .flatMap((issue) => {
      if (issue.code !== UNKNOWN) return [{ place: issue.path, message: issue.message }];
      const known = membersAt(schema, issue.path);
      const there = known.length === 0 ? '' : `; there are: ${known.join(', ')}`;
      return issue.keys.map((key) => ({
        place: [...issue.path, key],
        message: `nothing is called so here${nearest(key, known)}${there}`,
      }));
    });
}

const UNKNOWN = 'unrecognized_keys';
/** What zod says of a union itself, and before what a shape wants. */
const NO_WORDS = 'Invalid input';

/** Members that the shape itself does not know. What is wrong further in says nothing against it. */
function strayKeys(issues: readonly Issue[]): string[] {
  return issues.flatMap((one) => {
    if (one.code === UNKNOWN) return one.path.length === 0 ? one.keys : [];
    return one.code === 'invalid_type' && one.expected === 'never' ? one.path.slice(0, 1).map(String) : [];
  });
}

function wantedBy(shapes: readonly (readonly Issue[])[]): string {
  const least = Math.min(...shapes.map(wrongShape));
  const nearest = shapes.filter((shape) => wrongShape(shape) === least);
  const words = nearest.flatMap(([first]) => first?.message.replace(`${NO_WORDS}: `, '') ?? []);
  return [...new Set(words)].join(', or ');
}

const OTHER_SHAPE: ReadonlySet<Issue['code']> = new Set(['invalid_type', 'invalid_value', UNKNOWN]);

/** A value of another type, another word, members that are missing or unknown: this shape was not meant. */
function wrongShape(issues: readonly Issue[]): number {
  return issues.filter(({ code }) => OTHER_SHAPE.has(code)).length;
}
