import type { Problem } from '@hooklane/domain';
import type { SchemaDraft, SchemaJudge, SchemaRef } from '@hooklane/engine';

export interface FakeSchemas extends SchemaJudge {
  /** What is wrong with whatever comes next. */
  problems: Problem[];
  /** Thrown instead. */
  failure: Error | null;
  readonly examined: SchemaDraft[];
  readonly checked: SchemaRef[];
}

export function fakeSchemas(): FakeSchemas {
  const fake: FakeSchemas = {
    problems: [],
    failure: null,
    examined: [],
    checked: [],
    async examine(_orgId, draft) {
      if (fake.failure) throw fake.failure;
      fake.examined.push(draft);
      return fake.problems;
    },
    async check(schema) {
      if (fake.failure) throw fake.failure;
      fake.checked.push(schema);
      return fake.problems;
    },
  };
  return fake;
}
