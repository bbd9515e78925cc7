import type { Problem } from '@hooklane/domain';
import type { JsonSchema } from '@hooklane/engine';
import { PATTERN_CHARS, PATTERN_STEPS, SCHEMA_BYTES, SHOWN_PROBLEMS, SUBSCHEMAS } from './limits.ts';
import type { LinearPattern } from './linear-pattern.ts';
import { linearPattern } from './linear-pattern.ts';
import type { Subschema } from './subschemas.ts';
import { subschemasOf } from './subschemas.ts';

/**
 * What keeps a schema from being used here, though JSON Schema allows it: it is too large, leads elsewhere, or has
 * patterns that no linear engine takes. Fields are `schema` and the JSON Pointer within it.
 */
export function inspectSchema(schema: JsonSchema): Problem[] {
  if (Buffer.byteLength(JSON.stringify(schema)) > SCHEMA_BYTES) {
    return [{ field: 'schema', message: `must have at most ${SCHEMA_BYTES} bytes` }];
  }
  const all = [...subschemasOf(schema)];
  if (all.length > SUBSCHEMAS) {
    return [{ field: 'schema', message: `must be made of at most ${SUBSCHEMAS} schemas; these are ${all.length}` }];
  }
  return [...all.flatMap(problemsWith), ...patternProblems(all)].slice(0, SHOWN_PROBLEMS);
}

function problemsWith(subschema: Subschema): Problem[] {
  if (typeof subschema.schema === 'boolean') return [];
  return Object.entries(subschema.schema).flatMap(([keyword, value]) => {
    const message = objectionTo(keyword, value, subschema.pointer);
    return message === null ? [] : [{ field: `schema${subschema.pointer}/${keyword}`, message }];
  });
}

const DIALECTS = /^https?:\/\/json-schema\.org\/(?:draft\/2020-12|draft-07)\/schema#?$/;

/** What compilers look for elsewhere, or run. */
const REFUSED = new Set([
  '$async',
  '$dynamicRef',
  '$dynamicAnchor',
  '$recursiveRef',
  '$recursiveAnchor',
  '$vocabulary',
]);

function objectionTo(keyword: string, value: unknown, pointer: string): string | null {
  if (REFUSED.has(keyword)) return 'is not supported';
  switch (keyword) {
    case '$schema':
      if (pointer !== '') return 'must be at the top only';
      return DIALECTS.test(String(value)) ? null : 'must be draft 2020-12 or draft-07';
    case '$id':
      return pointer === '' ? null : 'must be at the top only';
    case '$ref':
      return String(value).startsWith('#') ? null : 'must lead to a place in this schema: #/…';
    default:
      return null;
  }
}

/** Ends where they are too much together: to compile the others would take seconds. */
function patternProblems(all: readonly Subschema[]): Problem[] {
  const problems: Problem[] = [];
  let steps = 0;
  for (const { field, pattern } of all.flatMap(patternsOf)) {
    const judged = judgePattern(pattern);
    if (typeof judged === 'string') problems.push({ field, message: judged });
    else steps += judged.steps;
    if (steps > PATTERN_STEPS) return [{ field, message: 'repeats too much, together with the patterns before it' }];
  }
  return problems;
}

function patternsOf({ schema, pointer }: Subschema): { field: string; pattern: string }[] {
  if (typeof schema === 'boolean') return [];
  const { pattern, patternProperties } = schema;
  const names = Object.keys(Object(patternProperties)).map((name) => ({
    field: `schema${pointer}/patternProperties`,
    pattern: name,
  }));
  return pattern === undefined ? names : [{ field: `schema${pointer}/pattern`, pattern: String(pattern) }, ...names];
}

/** What is wrong with a pattern, or what it is made into. */
function judgePattern(pattern: string): string | LinearPattern {
  if (pattern.length > PATTERN_CHARS) return `must have at most ${PATTERN_CHARS} characters`;
  try {
    return linearPattern(pattern);
  } catch {
    return 'must be a regular expression without look-around and back-references';
  }
}
