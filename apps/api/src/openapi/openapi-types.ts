import type { JsonSchema } from './schema-book.ts';

// The parts of OpenAPI 3.1 that our document uses.

export interface OpenApiDocument {
  openapi: string;
  info: { title: string; version: string; description: string; license: { name: string; identifier: string } };
  servers: { url: string }[];
  tags: { name: string; description: string }[];
  /** Path → method in lower case → operation. */
  paths: Record<string, Record<string, Operation>>;
  components: {
    schemas: Readonly<Record<string, JsonSchema>>;
    responses: Record<string, Response>;
    headers: Record<string, Header>;
    securitySchemes: Record<string, JsonSchema>;
  };
}

export interface Operation {
  operationId: string;
  summary: string;
  description?: string;
  tags: string[];
  /** Any of them will do; empty: none is needed. The list names the scope. */
  security: Record<string, string[]>[];
  parameters?: Parameter[];
  requestBody?: { required: boolean; content: Content };
  responses: Record<string, Response | Reference>;
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  description?: string;
  schema: JsonSchema;
}

export interface Response {
  description: string;
  headers?: Record<string, Header | Reference>;
  content?: Content;
}

export interface Header {
  description: string;
  schema: JsonSchema;
}

/** By media type. */
export type Content = Record<
  string,
  { schema: JsonSchema; example?: unknown; examples?: Record<string, { value: unknown }> }
>;

export interface Reference {
  $ref: string;
}
