import type { OpenApiDocument } from '@hooklane/api';

type JsonSchema = Readonly<Record<string, unknown>>;
type Operation = OpenApiDocument['paths'][string][string];

/**
 * The types of `packages/client`, written from the document: one for each named schema, and one table of what each
 * operation takes and gives, with the method and path of each. Lists in requests are readonly.
 */
export function clientTypes(document: OpenApiDocument): string {
  const requestNames = namesBehind(document, requestSchemas(document));
  const schemas = Object.entries(document.components.schemas).map(([name, schema]) => {
    return namedType(name, schema as JsonSchema, requestNames.has(name));
  });
  const operations = operationsOf(document);
  return [
    '// Made by `npm run api:types` from the OpenAPI document; a test compares. Not to be changed by hand.',
    ...schemas,
    `/** What each operation takes and gives. */\nexport interface Operations {\n${operations.map(operationType).join('\n')}\n}`,
    `export const OPERATIONS = {\n${operations.map(operationEntry).join('\n')}\n} as const;`,
    '',
  ].join('\n\n');
}

/** A list of a request may be readonly, that of an answer is the caller's own. */
type Side = 'request' | 'answer';

interface Named {
  method: string;
  path: string;
  operation: Operation;
}

function operationsOf({ paths }: OpenApiDocument): Named[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

function requestSchemas(document: OpenApiDocument): unknown[] {
  return operationsOf(document).map(({ operation }) => [operation.requestBody, operation.parameters]);
}

/** The named schemas that are referred to, by themselves or through others. */
function namesBehind(document: OpenApiDocument, parts: unknown): Set<string> {
  const names = new Set<string>();
  const open = [parts];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    for (const [, name = ''] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (!names.has(name)) open.push(document.components.schemas[name]);
      names.add(name);
    }
  }
  return names;
}

function namedType(name: string, schema: JsonSchema, isRequest: boolean): string {
  const type = typeOf(schema, isRequest ? 'request' : 'answer');
  const text = isOneObject(type) ? `export interface ${name} ${type}` : `export type ${name} = ${type};`;
  return comment(schema) + text;
}

/** Only a single object can be an interface. */
function isOneObject(type: string): boolean {
  return type.startsWith('{') && !/^\} \|/m.test(type);
}

function operationType({ operation }: Named): string {
  const { operationId, parameters = [], requestBody, responses } = operation;
  const named = (place: string) => parameters.filter((parameter) => parameter.in === place);
  const body = requestBody && typeOf(firstSchema(requestBody.content), 'request');
  const answers = Object.entries(responses).filter(([status]) => status.startsWith('2'));
  const given = answers.map(([, answer]) => {
    const content = 'content' in answer ? answer.content : undefined;
    return content === undefined ? 'undefined' : typeOf(firstSchema(content), 'answer');
  });
  return [
    `  ${operationId}: {`,
    `    params: ${parametersType(named('path'))};`,
    `    query: ${parametersType(named('query'))};`,
    `    headers: ${parametersType(named('header'))};`,
    `    body: ${body ?? 'undefined'};`,
    `    answer: ${[...new Set(given)].join(' | ')};`,
    '  };',
  ].join('\n');
}

function operationEntry({ method, path, operation: { operationId } }: Named): string {
  return `  ${operationId}: { method: '${method}', path: '${path}' },`;
}

function parametersType(parameters: NonNullable<Operation['parameters']>): string {
  const properties = Object.fromEntries(
    parameters.map(({ name, schema, description }) => [name, { ...schema, ...(description && { description }) }]),
  );
  const required = parameters.filter((parameter) => parameter.required).map(({ name }) => name);
  return typeOf({ type: 'object', properties, required }, 'request').replaceAll('\n', '\n    ');
}

function firstSchema(content: Record<string, { schema: JsonSchema }>): JsonSchema {
  return Object.values(content)[0]?.schema ?? {};
}

function typeOf(schema: JsonSchema, side: Side): string {
  const { $ref, const: constant, enum: values, anyOf, oneOf, type } = schema as Shape;
  if ($ref !== undefined) return $ref.split('/').at(-1) ?? '';
  if (constant !== undefined) return literal(constant);
  if (values !== undefined) return values.map(literal).join(' | ');
  const either = anyOf ?? oneOf;
  if (either !== undefined) return either.map((one) => typeOf(one, side)).join(' | ');
  if (Array.isArray(type)) return type.map((one) => typeOf({ ...schema, type: one }, side)).join(' | ');
  return PLAIN[type ?? ''] ?? compound(schema, side);
}

interface Shape {
  $ref?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  type?: string | string[];
}

const PLAIN: Readonly<Record<string, string>> = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  null: 'null',
};

function compound(schema: JsonSchema, side: Side): string {
  const { type, items, properties, additionalProperties } = schema as {
    type?: string;
    items?: JsonSchema;
    properties?: Record<string, JsonSchema>;
    additionalProperties?: JsonSchema | boolean;
  };
  if (type === 'array') return listType(typeOf(items ?? {}, side), side);
  if (properties !== undefined) return objectType(properties, schema['required'] as string[] | undefined, side);
  if (typeof additionalProperties === 'object') return mapType(typeOf(additionalProperties, side), side);
  return 'unknown';
}

function listType(item: string, side: Side): string {
  return `${side === 'request' ? 'readonly ' : ''}${item.includes(' ') ? `(${item})` : item}[]`;
}

function mapType(value: string, side: Side): string {
  const record = `Record<string, ${value}>`;
  return side === 'request' ? `Readonly<${record}>` : record;
}

function objectType(properties: Record<string, JsonSchema>, required: readonly string[] = [], side: Side): string {
  const fields = Object.entries(properties).map(([name, schema]) => {
    const key = /^\w+$/.test(name) ? name : `'${name}'`;
    return `${comment(schema)}${key}${required.includes(name) ? '' : '?'}: ${typeOf(schema, side)};`;
  });
  return fields.length === 0 ? 'Record<string, never>' : `{\n${fields.join('\n').replaceAll(/^/gm, '  ')}\n}`;
}

function comment({ description }: JsonSchema): string {
  return typeof description === 'string' ? `/** ${description.replaceAll('*/', '*\\/')} */\n` : '';
}

function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
}
