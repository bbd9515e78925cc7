/** Compiling takes about a millisecond for each subschema, and a thread does nothing else meanwhile. */
export const SUBSCHEMAS = 200;
/** Of the schema as JSON. */
export const SCHEMA_BYTES = 32 * 1024;
export const PATTERN_CHARS = 500;
/** Of all patterns of a schema: `x{1000}` is a thousand. Ten of them take a tenth of a millisecond and a kilobyte. */
export const PATTERN_STEPS = 20_000;
/** What is wrong is told in so many places at most. */
export const SHOWN_PROBLEMS = 10;
