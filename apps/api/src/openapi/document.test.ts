import { createHash } from 'node:crypto';
import type { ErrorCode } from '@hooklane/domain';
import { ERRORS } from '@hooklane/domain';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { startApi } from '../../test/api.ts';
import type { RouteDefinition } from '../contract/route.ts';
import { ROUTES } from '../routes/index.ts';
import { openApiDocument } from './document.ts';
import type { Operation } from './openapi-types.ts';
import { detailsOf } from './operation.ts';
import { DOCS_POLICY, docsPage } from './page/docs-page.ts';
import { referred } from './page/operation-html.ts';

const document = openApiDocument(ROUTES);
const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
const definitions = ROUTES.map(({ definition }) => definition);

describe('the document', () => {
  it('is valid OpenAPI 3.1', { timeout: 30_000 }, async () => {
    const validator = new Validator();
    expect(await validator.validate(JSON.parse(JSON.stringify(document)))).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('refers to nothing that is not in it', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)];
    const missing = references.filter(([, kind = '', name = '']) => {
      const components = document.components as unknown as Record<string, Record<string, unknown>>;
      return components[kind]?.[name] === undefined;
    });
    expect(references.length).toBeGreaterThan(100);
    expect(missing.map(([reference]) => reference)).toEqual([]);
  });

  it('has every route once, by names of their own', () => {
    expect(operations).toHaveLength(ROUTES.length);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(ROUTES.length);
  });

  it('has every code with its status, and says of it what docs/errors.md says', () => {
    const documented = problems();
    expect(new Set(documented.map(({ code }) => code))).toEqual(new Set(Object.keys(ERRORS)));
    for (const { code, status, description } of documented) {
      const error = ERRORS[code as ErrorCode];
      expect(description).toContain(`\`${code}\`: ${error.title} ${error.description}`);
      if (status !== undefined) expect(status).toBe(error.status);
    }
  });

  it.each(definitions)('has examples of $operationId that its own schemas take', (definition) => {
    const shown = examplesOf(definition);
    for (const { schema, example } of shown) expect(schema.safeParse(example)).toMatchObject({ success: true });
    const operation = operations.find((one) => one.operationId === definition.operationId);
    for (const { example, examples } of contentsOf(operation)) expect(example ?? examples).toBeDefined();
  });

  it.each(definitions)(
    'tells of the rate limits in every answer of $operationId, if keys have any there',
    (definition) => {
      const operation = operations.find((one) => one.operationId === definition.operationId);
      const responses: Operation['responses'] = operation?.responses ?? {};
      const limited = definition.access !== 'open' && definition.access !== 'operator';
      for (const status of Object.keys(definition.answers)) {
        const answer = responses[status];
        const headers = answer && 'headers' in answer ? Object.keys(answer.headers ?? {}) : [];
        expect(headers).toContain('x-request-id');
        expect(headers.filter((name) => /RateLimit/.test(name))).toHaveLength(limited ? 5 : 0);
      }
    },
  );

  it('leaves no object of a request open', () => {
    const open = Object.entries(document.components.schemas).filter(([name, schema]) => {
      return requestSchemas().has(name) && schema['type'] === 'object' && schema['additionalProperties'] !== false;
    });
    expect(open.map(([name]) => name)).toEqual([]);
  });

  function requestSchemas(): Set<string> {
    const bodies = JSON.stringify(operations.map(({ requestBody }) => requestBody ?? null));
    return new Set([...bodies.matchAll(/components\/schemas\/(\w+)/g)].map(([, name = '']) => name));
  }
});

describe('what is served', () => {
  it('is the document, and a page that loads and runs nothing, to everyone', { timeout: 30_000 }, async () => {
    const api = await startApi();
    const json = await api.call('GET', '/openapi.json', { key: null });
    expect([json.statusCode, json.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
    expect(json.json()).toEqual(JSON.parse(JSON.stringify(document)));

    const page = await api.call('GET', '/docs', { key: null });
    expect([page.statusCode, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/]{43}='; /);
    expect(page.body).not.toMatch(/<script|<link|<img|https?:\/\/(?!example\.com)|\bon\w+=/);
    for (const { operationId } of operations) expect(page.body).toContain(`<details id="${operationId}">`);
    await api.app.close();
  });

  it('names its style by the hash that the policy demands', () => {
    const [, style = ''] = /<style>([^<]*)<\/style>/.exec(docsPage(document)) ?? [];
    expect(DOCS_POLICY).toContain(createHash('sha256').update(style).digest('base64'));
  });
});

/** Each code of each answer; without a status where it stands for every route. */
function problems() {
  return operations.flatMap(({ responses }) =>
    Object.entries(responses).flatMap(([status, response]) => {
      const { description, content = {} } = referred(response, document.components.responses);
      const codes = Object.keys(content['application/problem+json']?.examples ?? {});
      return codes.map((code) => ({ code, description, status: status === 'default' ? undefined : Number(status) }));
    }),
  );
}

function contentsOf(operation: Operation | undefined) {
  const responses = Object.values(operation?.responses ?? {});
  const answered = responses.map((response) => referred(response, document.components.responses).content);
  return [operation?.requestBody?.content ?? {}, ...answered].flatMap((content) => Object.values(content ?? {}));
}

function examplesOf({ body, optionalBody, rawBody, answers }: RouteDefinition) {
  const asked = [body, optionalBody, rawBody?.schema];
  const answered = Object.values(answers).map((answer) => detailsOf(answer).schema);
  return [...asked, ...answered].flatMap((schema) => {
    const [example] = (schema?.meta()?.['examples'] ?? []) as unknown[];
    return schema && example !== undefined ? [{ schema, example }] : [];
  });
}
