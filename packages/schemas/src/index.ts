export { SCHEMA_BYTES, SUBSCHEMAS } from './limits.ts';
export type { ClosableSchemaJudge, SchemaJudgeOptions } from './schema-judge.ts';
export { createSchemaJudge } from './schema-judge.ts';
