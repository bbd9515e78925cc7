import type { Problem } from '@hooklane/domain';
import type { JsonSchema } from '@hooklane/engine';
import { PATTERN_CHARS, SCHEMA_BYTES, SHOWN_PROBLEMS, SUBSCHEMAS } from './limits.ts';
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
  return all.flatMap(problemsWith).slice(0, SHOWN_PROBLEMS);
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
    case 'pattern':
      return objectionToPattern(String(value));
    case 'patternProperties':
      return (
        Object.keys(Object(value))
          .map(objectionToPattern)
          .find((message) => message !== null) ?? null
      );
    default:
      return null;
  }
}

function objectionToPattern(pattern: string): string | null {
  if (pattern.length > PATTERN_CHARS) return `must have at most ${PATTERN_CHARS} characters`;
  try {
    linearPattern(pattern);
    return null;
  } catch {
    return 'must be a regular expression without look-around and back-references';
  }
}
