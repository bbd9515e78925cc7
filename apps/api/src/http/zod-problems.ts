import type { Problem } from '@hooklane/domain';
import { DomainError } from '@hooklane/domain';
import type { z } from 'zod';

const LONGEST_PATH = 200;

/** What a schema objects to, for the person who sent it. Paths and rules, never values. */
export function refusalOf(error: z.ZodError): DomainError {
  const unknown = error.issues.flatMap(unknownFields);
  const wrong = error.issues.filter((issue) => issue.code !== 'unrecognized_keys').map(wrongField);
  const problems = [...unknown, ...wrong];
  return new DomainError(unknown.length > 0 ? 'unknown_field' : 'invalid_field', undefined, { problems });
}

export function invalidField(field: string, message: string): DomainError {
  return new DomainError('invalid_field', undefined, { problems: [{ field, message }] });
}

export function unknownField(field: string): DomainError {
  return new DomainError('unknown_field', undefined, { problems: [{ field, message: UNKNOWN }] });
}

const UNKNOWN = 'There is no such field.';

function unknownFields(issue: z.core.$ZodIssue): Problem[] {
  if (issue.code !== 'unrecognized_keys') return [];
  return issue.keys.map((key) => ({ field: pathOf([...issue.path, key]), message: UNKNOWN }));
}

function wrongField(issue: z.core.$ZodIssue): Problem {
  const isMissing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
  return { field: pathOf(issue.path), message: isMissing ? 'This field is required.' : issue.message };
}

/** `failure_policy.retry.kind`, `events.0`. */
function pathOf(path: readonly PropertyKey[]): string {
  return path.map(String).join('.').slice(0, LONGEST_PATH);
}
