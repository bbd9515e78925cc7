import { z } from 'zod';
import { orgSlug } from '../contract/fields.ts';
import { optionalBodyOf, problemsOf, queryOf } from '../contract/problems-of.ts';
import type { AnswerDefinition, AnswerDetails, RouteDefinition } from '../contract/route.ts';
import { namesIn } from '../contract/route.ts';
import { usualHeaders } from './answer-headers.ts';
import type { Content, Operation, Parameter } from './openapi-types.ts';
import type { ProblemBook } from './problem-answers.ts';
import type { JsonSchema, SchemaBook } from './schema-book.ts';

/** What is referred to from several operations. */
export interface Books {
  schemas: SchemaBook;
  problems: ProblemBook;
}

/** A route as an operation of the document; what it names goes into the books. */
export function operationOf(definition: RouteDefinition, { schemas: book, problems }: Books): Operation {
  const { operationId, summary, description, tag } = definition;
  const parameters = parametersOf(definition, book);
  const requestBody = requestBodyOf(definition, book);
  return {
    operationId,
    summary,
    ...(description === undefined ? {} : { description }),
    tags: [tag],
    security: securityOf(definition),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(requestBody === null ? {} : { requestBody }),
    responses: {
      ...answersOf(definition, book),
      ...problems.write(problemsOf(definition)),
      default: { $ref: '#/components/responses/Refused' },
    },
  };
}

/** `/v1/orgs/:org` → `/v1/orgs/{org}` */
export function documentPath(path: string): string {
  return path.replaceAll(/:(\w+)/g, '{$1}');
}

/** In 3.1 the list beside a scheme may name what the caller must be allowed to do. */
function securityOf({ access }: RouteDefinition): Operation['security'] {
  return access === 'open' ? [] : ['bearer', 'basic', 'token'].map((scheme) => ({ [scheme]: [access] }));
}

function parametersOf(definition: RouteDefinition, book: SchemaBook): Parameter[] {
  return [
    ...pathParameters(definition, book),
    ...queryParameters(queryOf(definition), book),
    ...headerParameters(definition, book),
  ];
}

function pathParameters({ path, params = {} }: RouteDefinition, book: SchemaBook): Parameter[] {
  return namesIn(path).map((name) => {
    const schema = params[name] ?? orgSlug.describe('The slug of the org.');
    return { name, in: 'path', required: true, ...described(book.write(schema, 'input')) };
  });
}

function queryParameters(query: z.ZodType | null, book: SchemaBook): Parameter[] {
  if (query === null) return [];
  const { properties = {}, required = [] } = book.write(query, 'input') as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => {
    return { name, in: 'query', required: required.includes(name), ...described(schema) };
  });
}

function headerParameters({ headers = {} }: RouteDefinition, book: SchemaBook): Parameter[] {
  return Object.entries(headers).map(([name, { schema, description }]) => {
    return { name, in: 'header', required: false, description, schema: book.write(schema, 'input') };
  });
}

/** The description of a parameter stands beside its schema. */
function described({ description, ...schema }: JsonSchema): Pick<Parameter, 'description' | 'schema'> {
  return typeof description === 'string' ? { description, schema } : { schema };
}

function requestBodyOf(definition: RouteDefinition, book: SchemaBook): NonNullable<Operation['requestBody']> | null {
  const required = definition.body ?? definition.rawBody?.schema;
  const schema = required ?? optionalBodyOf(definition);
  if (schema === null) return null;
  return { required: required !== undefined, content: contentOf(schema, book.write(schema, 'input')) };
}

function answersOf(definition: RouteDefinition, book: SchemaBook): Operation['responses'] {
  const written = Object.entries(definition.answers).map(([status, answer]) => {
    const { schema, description = MEANINGS[status], headers = {}, media } = detailsOf(answer);
    const own = Object.entries(headers).map(([name, header]) => {
      return [name, { description: header.description, schema: book.write(header.schema, 'output') }];
    });
    return [
      status,
      {
        description: description ?? 'Done.',
        headers: { ...usualHeaders(definition), ...Object.fromEntries(own) },
        ...(schema === null ? {} : { content: contentOf(schema, book.write(schema, 'output'), media) }),
      },
    ];
  });
  return Object.fromEntries(written);
}

export function detailsOf(answer: AnswerDefinition): AnswerDetails {
  return answer instanceof z.ZodType || answer === null ? { schema: answer } : answer;
}

const MEANINGS: Readonly<Record<string, string>> = {
  200: 'As asked.',
  201: 'Made.',
  202: 'Taken on; it goes on after the answer.',
  204: 'Done. There is no body.',
};

function contentOf(schema: z.ZodType, json: JsonSchema, media = 'application/json'): Content {
  const [example] = (schema.meta()?.['examples'] ?? []) as unknown[];
  return { [media]: { schema: json, ...(example === undefined ? {} : { example }) } };
}
