import { z } from 'zod';

/** A schema of JSON Schema 2020-12, the dialect of OpenAPI 3.1. */
export type JsonSchema = { [key: string]: unknown };

/** Which side of a schema is meant: what a request may say, or what an answer holds. */
export type Side = 'input' | 'output';

export interface SchemaBook {
  /** The schema; the named ones in it (and itself, if named) become references to `components`. */
  write(schema: z.ZodType, side: Side): JsonSchema;
  /** The named schemas so far, by name. */
  readonly components: Readonly<Record<string, JsonSchema>>;
}

/** @throws {TypeError} from `write` when two different schemas have the same name. */
export function createSchemaBook(): SchemaBook {
  const components: Record<string, JsonSchema> = {};

  function keep(name: string, json: JsonSchema): void {
    const known = components[name];
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(json)) {
      throw new TypeError(`two schemas are named ${name}`);
    }
    components[name] = json;
  }

  return {
    components,
    write(schema, side) {
      // A schema is named only inside another.
      const { $defs, properties } = convert(z.object({ schema }), side);
      for (const [name, json] of Object.entries($defs ?? {})) keep(name, json);
      return properties.schema;
    },
  };
}

interface Converted {
  $defs?: Record<string, JsonSchema>;
  properties: { schema: JsonSchema };
}

function convert(schema: z.ZodType, side: Side): Converted {
  const json = z.toJSONSchema(schema, {
    io: side,
    override({ zodSchema, jsonSchema }) {
      leaveOut(jsonSchema, side);
      putBack(jsonSchema, zodSchema);
    },
  });
  return JSON.parse(JSON.stringify(json).replaceAll('"#/$defs/', '"#/components/schemas/'));
}

/** What zod says of every whole number and time says nothing new. Answers are open: what is added later breaks nobody. */
function leaveOut(json: JsonSchema, side: Side): void {
  if (json['minimum'] === Number.MIN_SAFE_INTEGER) delete json['minimum'];
  if (json['maximum'] === Number.MAX_SAFE_INTEGER) delete json['maximum'];
  if (json['format'] === 'date-time') delete json['pattern'];
  if (side === 'output' && json['additionalProperties'] === false) delete json['additionalProperties'];
  delete json['id'];
}

/** Zod leaves out what it cannot translate to the other side of a transformation; ours is written for this side. */
function putBack(json: JsonSchema, schema: z.core.$ZodType): void {
  const examples = z.globalRegistry.get(schema)?.['examples'];
  if (examples !== undefined) json['examples'] = examples;
  if (!(schema instanceof z.ZodDefault)) return;
  const value: unknown = schema.def.defaultValue;
  if (typeof value === 'number' || typeof value === 'boolean') json['default'] = value;
}
