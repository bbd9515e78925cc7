import { PROTOCOL_PROBLEMS } from '../contract/problems-of.ts';
import type { Route } from '../contract/route.ts';
import { TAGS } from '../contract/tags.ts';
import { HEADERS } from './answer-headers.ts';
import type { OpenApiDocument, Response } from './openapi-types.ts';
import { documentPath, operationOf } from './operation.ts';
import { createProblemBook, problemAnswer, problemSchema } from './problem-answers.ts';
import type { JsonSchema } from './schema-book.ts';
import { createSchemaBook } from './schema-book.ts';

/** The document of the API, made of the very values that serve it. */
export function openApiDocument(routes: readonly Route[]): OpenApiDocument {
  const schemas = createSchemaBook();
  const problems = createProblemBook();
  schemas.write(problemSchema, 'output');
  const paths: OpenApiDocument['paths'] = {};
  for (const { definition } of routes.toSorted(byPath)) {
    const path = documentPath(definition.path);
    paths[path] = { ...paths[path], [definition.method.toLowerCase()]: operationOf(definition, { schemas, problems }) };
  }
  return {
    openapi: '3.1.1',
    info: { title: 'Hooklane', version: '1', description: ABOUT, license: LICENSE },
    servers: [{ url: '/' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: inOrder(schemas.components),
      responses: { ...inOrder(problems.components), Refused: refused() },
      headers: HEADERS,
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** What routes are exported in is no order that all tools keep. */
function byPath({ definition: a }: Route, { definition: b }: Route): number {
  if (a.path !== b.path) return a.path < b.path ? -1 : 1;
  return METHODS.indexOf(a.method) - METHODS.indexOf(b.method);
}

/** By name: a schema that is added moves no other. */
function inOrder<T>(named: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(named).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const LICENSE = { name: 'Apache 2.0', identifier: 'Apache-2.0' };

const ABOUT = `Durable webhook delivery on your own Postgres and Redis.

Send a key as \`Authorization: Bearer <key>\`, as \`token <key>\`, or as the user name of Basic. Keys belong to an org and have
scopes; the operator's key does everything. What is beside a security scheme is the scope that a call needs, or \`operator\`.

Lists answer \`{data, next_cursor}\`: pass \`next_cursor\` back as \`cursor\` until it is null. Unknown fields are refused by name.
Refusals are problems (RFC 9457) with a stable \`code\`. An id of another org, of nothing, and a text that is no id are all 404.
Fields may be added to answers: ignore those you do not know.`;

/** What could not be read, or asked for what is not there, whatever route it was meant for. */
function refused(): Response {
  const problem = problemAnswer(PROTOCOL_PROBLEMS);
  return { ...problem, description: `Whatever route was meant:\n\n${problem.description}` };
}

const SECURITY_SCHEMES: Record<string, JsonSchema> = {
  bearer: { type: 'http', scheme: 'bearer', description: 'The key as it was told.' },
  basic: { type: 'http', scheme: 'basic', description: 'The key as user name; the password is not looked at.' },
  token: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: '`token`, a space and the key.',
  },
};
