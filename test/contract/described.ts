import type { OpenApiDocument, Operation, RouteDefinition } from '@hooklane/api';
import { openApiDocument, ROUTES } from '@hooklane/api';

/** An operation of the document, and the route that it was made of. */
export interface Described {
  id: string;
  method: RouteDefinition['method'];
  /** As in the document: `/v1/orgs/{org}`. */
  path: string;
  operation: Operation;
  definition: RouteDefinition;
}

export type JsonSchema = Readonly<Record<string, unknown>>;

export const DOCUMENT: OpenApiDocument = JSON.parse(JSON.stringify(openApiDocument(ROUTES)));

export const OPERATIONS: readonly Described[] = Object.entries(DOCUMENT.paths).flatMap(([path, methods]) =>
  Object.values(methods).map((operation) => {
    const id = operation.operationId;
    const route = ROUTES.find(({ definition }) => definition.operationId === id);
    if (route === undefined) throw new TypeError(`the document has ${id}, which is no route`);
    const { definition } = route;
    return { id, method: definition.method, path, operation, definition };
  }),
);

/** The statuses that the document promises of an operation. */
export function statusesOf({ operation }: Described): number[] {
  return Object.keys(operation.responses)
    .filter((status) => status !== 'default')
    .map(Number);
}

/** The names that vary in a path, each with the kind of id it is; other kinds by their name. */
export function paramsOf({ operation }: Described): { name: string; kind: string }[] {
  return (operation.parameters ?? [])
    .filter((parameter) => parameter.in === 'path' && parameter.name !== 'org')
    .map(({ name, schema }) => ({ name, kind: idPrefix(schema) ?? name }));
}

/** What is behind a reference into `components.schemas`, or the schema itself. */
export function resolved(schema: JsonSchema): JsonSchema {
  const { $ref } = schema as { $ref?: string };
  if ($ref === undefined) return schema;
  return resolved((DOCUMENT.components.schemas[$ref.split('/').at(-1) ?? ''] ?? {}) as JsonSchema);
}

/** The example of the body that the document gives. */
export function bodyExample({ operation }: Described): unknown {
  const [content] = Object.values(operation.requestBody?.content ?? {});
  return content?.example;
}

function idPrefix(schema: JsonSchema): string | undefined {
  return /^\^([a-z]+)_\[0-7\]/.exec(String(schema['pattern']))?.[1];
}
