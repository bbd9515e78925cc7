import type { ErrorCode } from '@hooklane/domain';
import { ERRORS } from '@hooklane/domain';
import { z } from 'zod';
import { RATE_LIMITS, RETRY_AFTER } from './answer-headers.ts';
import type { Header, Reference, Response } from './openapi-types.ts';

const CODES = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

const NAMES_FIELDS: ReadonlySet<ErrorCode> = new Set(['unknown_field', 'invalid_field']);
const EXAMPLE_REQUEST = 'req_5f0c1e7a9d0b4c3fa1d2e3f405162738';

/** What every refusal looks like (RFC 9457). */
export const problemSchema = z
  .strictObject({
    type: z.string().describe('`urn:hooklane:error:` and the code.'),
    title: z.string().describe('The same each time.'),
    status: z.int(),
    code: z.enum(CODES).describe('Decide by this. Codes are added, never renamed.'),
    detail: z.string().optional().describe('About this one occurrence.'),
    errors: z
      .array(z.strictObject({ field: z.string(), message: z.string() }))
      .optional()
      .describe('Where single fields are to blame. At most 50; the last then says how many more there are.'),
    request_id: z.string().describe('Also in the header `x-request-id`.'),
  })
  .meta({ id: 'Problem', examples: [exampleOf('invalid_field')] });

/** The refusals of all routes, each said once however many routes have it. */
export interface ProblemBook {
  /** The refusals of a route by status, as references into `components`. */
  write(codes: readonly ErrorCode[]): Record<string, Reference>;
  readonly components: Readonly<Record<string, Response>>;
}

export function createProblemBook(): ProblemBook {
  const components: Record<string, Response> = {};

  function refer(codes: readonly ErrorCode[]): Reference {
    const name = codes.map(pascal).join('Or');
    components[name] ??= problemAnswer(codes);
    return { $ref: `#/components/responses/${name}` };
  }

  return {
    components,
    write(codes) {
      const statuses = [...new Set(codes.map((code) => ERRORS[code].status))];
      const answers = statuses.map((status) => {
        const ofStatus = codes.filter((code) => ERRORS[code].status === status).toSorted();
        return [String(status), refer(ofStatus)];
      });
      return Object.fromEntries(answers);
    },
  };
}

/** `not_found` → `NotFound` */
function pascal(code: ErrorCode): string {
  return code.replaceAll(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

export function problemAnswer(codes: readonly ErrorCode[]): Response {
  const headers = Object.assign({}, ...codes.map((code) => HEADERS[code]));
  return {
    description: codes.map((code) => `\`${code}\`: ${ERRORS[code].title} ${ERRORS[code].description}`).join('\n\n'),
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
    content: {
      'application/problem+json': {
        schema: {
          allOf: [{ $ref: '#/components/schemas/Problem' }, { properties: { code: { enum: codes } } }],
        },
        examples: Object.fromEntries(codes.map((code) => [code, { value: exampleOf(code) }])),
      },
    },
  };
}

/** What belongs to a code besides its body. */
const HEADERS: Partial<Record<ErrorCode, Record<string, Header | Reference>>> = {
  unauthenticated: { 'WWW-Authenticate': { description: 'How to show a key.', schema: { type: 'string' } } },
  method_not_allowed: { Allow: { description: 'The methods that the path takes.', schema: { type: 'string' } } },
  rate_limited: { ...RETRY_AFTER, ...RATE_LIMITS },
  overloaded: RETRY_AFTER,
  unavailable: RETRY_AFTER,
  newer_version: RETRY_AFTER,
};

function exampleOf(code: ErrorCode) {
  const { status, title } = ERRORS[code];
  return {
    type: `urn:hooklane:error:${code}`,
    title,
    status,
    code,
    ...(code === 'internal' ? {} : { detail: title }),
    ...(NAMES_FIELDS.has(code) ? { errors: [{ field: 'name', message: 'There is no such field.' }] } : {}),
    request_id: EXAMPLE_REQUEST,
  };
}
