/** Compiling takes about a millisecond for each subschema, and a thread does nothing else meanwhile. */
export const SUBSCHEMAS = 200;
/** Of the schema as JSON. */
export const SCHEMA_BYTES = 32 * 1024;
export const PATTERN_CHARS = 500;
/** What is wrong is told in so many places at most. */
export const SHOWN_PROBLEMS = 10;
