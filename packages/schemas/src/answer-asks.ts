import type { Problem } from '@hooklane/domain';
import type { JsonSchema } from '@hooklane/engine';
import type { Answer, Answered, Ask } from './asks.ts';
import type { Compiled, Validator } from './compile-schema.ts';
import { compileSchema, schemaProblems } from './compile-schema.ts';
import { inspectSchema } from './inspect-schema.ts';
import { SHOWN_PROBLEMS } from './limits.ts';

/** Of the validators that are kept; about 50 MiB. */
const KEPT_WEIGHT = 4 * 1024 * 1024;

/** What goes on in the thread, apart from it being one. Keeps the validators used last. */
export function createAnswerer(): (ask: Ask) => Answer {
  const validators = new Map<string, Compiled>();
  let weight = 0;

  function keep(id: string, schema: string): Validator {
    const compiled = compileSchema(JSON.parse(schema) as JsonSchema);
    validators.set(id, compiled);
    weight += compiled.weight;
    for (const [oldest, known] of validators) {
      if (weight <= KEPT_WEIGHT) break;
      validators.delete(oldest);
      weight -= known.weight;
    }
    return compiled.validate;
  }

  function known(id: string): Validator | undefined {
    const found = validators.get(id);
    if (found === undefined) return undefined;
    // A Map keeps insertion order: what is used goes to the end.
    validators.delete(id);
    validators.set(id, found);
    return found.validate;
  }

  return (ask) => {
    if (ask.kind === 'examine') return examine(JSON.parse(ask.schema), JSON.parse(ask.examples));
    const validate = known(ask.id) ?? (ask.schema === undefined ? undefined : keep(ask.id, ask.schema));
    return validate === undefined ? null : validate(JSON.parse(Buffer.from(ask.payload).toString('utf8')), 'payload');
  };
}

/** So long others wait for what goes together. */
const TOGETHER_MS = 20;

/** Whoever is behind those that took long is asked for again, in his turn. */
export function answerFirst(asks: readonly Ask[], answer: (ask: Ask) => Answer, clock: () => number): Answered {
  const startedMs = clock();
  const answers: Answer[] = [];
  let lastMs = 0;
  let nowMs = startedMs;
  for (const ask of asks) {
    const begunMs = nowMs;
    answers.push(answer(ask));
    nowMs = clock();
    lastMs = nowMs - begunMs;
    if (nowMs - startedMs > TOGETHER_MS) break;
  }
  return { answers, lastMs };
}

function examine(schema: JsonSchema, examples: readonly unknown[]): Problem[] {
  const problems = schemaProblems(schema);
  if (problems.length > 0) return problems;
  const refused = inspectSchema(schema);
  if (refused.length > 0) return refused;
  try {
    const { validate } = compileSchema(schema);
    for (const sample of SAMPLES) validate(sample, 'sample');
    return examples.flatMap((example, at) => validate(example, `examples/${at}`)).slice(0, SHOWN_PROBLEMS);
  } catch (error) {
    return [{ field: 'schema', message: messageOf(error) }];
  }
}

/** A schema that refers to itself without end shows by any of them. */
const SAMPLES: readonly unknown[] = [null, true, 0, '', [], {}, [[]], { a: {} }];

function messageOf(error: unknown): string {
  if (error instanceof RangeError) return 'refers to itself without end';
  return `cannot be used: ${error instanceof Error ? error.message.slice(0, 200) : 'for an unknown reason'}`;
}
