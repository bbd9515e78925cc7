import { detailsOf, PROTOCOL_PROBLEMS, problemsOf } from '@hooklane/api';
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Answered } from './asking.ts';
import type { Described } from './described.ts';
import { DOCUMENT } from './described.ts';

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
ajv.addSchema(DOCUMENT, 'document');
const validators = new Map<string, ValidateFunction>();

/** What an answer has that the document does not promise, in words; empty: it is as promised. */
export function brokenPromises(described: Described, answered: Answered): string[] {
  const type = String(answered.headers['content-type'] ?? '');
  if (type.startsWith('application/problem+json')) return ofProblem(described, answered);
  return ofAnswer(described, answered, type);
}

function ofProblem({ id, definition }: Described, { status, text }: Answered): string[] {
  const problem = JSON.parse(text);
  const wrong = mismatch('document#/components/schemas/Problem', problem);
  const promised: readonly string[] = [...problemsOf(definition), ...PROTOCOL_PROBLEMS, 'unsupported_media_type'];
  return [
    ...wrong,
    ...(problem.status === status ? [] : [`${id}: it says ${problem.status} and is ${status}`]),
    ...(promised.includes(problem.code) ? [] : [`${id}: ${problem.code} is not among its problems`]),
  ];
}

function ofAnswer({ id, method, path, definition }: Described, { status, text }: Answered, type: string): string[] {
  const answer = definition.answers[status];
  if (answer === undefined) return [`${id}: ${status} is not among its answers`];
  const { schema, media = 'application/json' } = detailsOf(answer);
  if (schema === null) return text === '' ? [] : [`${id}: ${status} has a body`];
  if (!type.startsWith(media.split(';')[0] ?? '')) return [`${id}: ${status} is ${type}`];
  const body: unknown = media.startsWith('application/json') ? JSON.parse(text) : text;
  const place = ['paths', path, method.toLowerCase(), 'responses', status, 'content', media, 'schema'];
  const wrong = mismatch(`document#/${place.map(pointer).join('/')}`, body);
  // The document leaves answers open, so that fields may be added; the schema knows all that there are today.
  const strict = schema.safeParse(body);
  return [...wrong, ...(strict.success ? [] : [`${id}: ${status}: ${strict.error.message}`])];
}

function mismatch(reference: string, value: unknown): string[] {
  const validate = validators.get(reference) ?? ajv.compile({ $ref: reference });
  validators.set(reference, validate);
  return validate(value) ? [] : [`${reference}: ${ajv.errorsText(validate.errors)}`];
}

/** A name as a segment of a JSON pointer in a fragment. */
function pointer(segment: string | number): string {
  return encodeURIComponent(String(segment).replaceAll('~', '~0').replaceAll('/', '~1'));
}
