import type { ErrorCode } from '@hooklane/domain';
import type { LightMyRequestResponse } from 'fastify';
import { expect } from 'vitest';
import { PROTOCOL_PROBLEMS, problemsOf } from '../src/contract/problems-of.ts';
import type { RouteDefinition } from '../src/contract/route.ts';
import { detailsOf } from '../src/openapi/operation.ts';
import { problemSchema } from '../src/openapi/problem-answers.ts';
import { ROUTES } from '../src/routes/index.ts';

/** Fails the test when an answer is not what its route promises: whatever a test is about, its answers are held against it. */
export function expectPromised(method: string, url: string, response: LightMyRequestResponse): void {
  const definition = routeOf(method, url);
  if (isProblem(response)) expectProblem(definition, response);
  else expectAnswer(definition, response);
}

function routeOf(method: string, url: string): RouteDefinition | undefined {
  const [path = ''] = url.split('?');
  const definitions = ROUTES.map(({ definition }) => definition).filter((one) => one.method === method);
  const fitting = definitions.filter((one) => new RegExp(`^${one.path.replaceAll(/:\w+/g, '[^/]+')}$`).test(path));
  // The router prefers what is written out to what varies.
  return fitting.toSorted((a, b) => variablesIn(a) - variablesIn(b))[0];
}

function variablesIn({ path }: RouteDefinition): number {
  return path.split(':').length;
}

function isProblem({ headers }: LightMyRequestResponse): boolean {
  return String(headers['content-type']).startsWith('application/problem+json');
}

function expectProblem(definition: RouteDefinition | undefined, response: LightMyRequestResponse): void {
  const { code, status } = problemSchema.parse(response.json());
  expect(status).toBe(response.statusCode);
  const promised: readonly ErrorCode[] = [...PROTOCOL_PROBLEMS, ...(definition ? problemsOf(definition) : [])];
  // Said of every request by its headers, before the route is looked at.
  if (code === 'unsupported_media_type') return;
  expect(promised, `${definition?.operationId} does not name ${code} among its problems`).toContain(code);
}

function expectAnswer(definition: RouteDefinition | undefined, response: LightMyRequestResponse): void {
  const answer = definition?.answers[response.statusCode];
  expect(answer, `${definition?.operationId} does not promise ${response.statusCode}`).toBeDefined();
  const { schema, media } = detailsOf(answer ?? null);
  if (schema === null) expect(response.body).toBe('');
  else expect(schema.safeParse(media === undefined ? response.json() : response.body)).toMatchObject({ success: true });
}
