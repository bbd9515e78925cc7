import type { TypeRules } from '@hooklane/domain';
import { DomainError, isOperational, judgeType } from '@hooklane/domain';
import type { SchemaJudge } from './event-types.ts';
import type { Publication } from './publish-event.ts';

/** What the catalogue had to say about an event that may be published. */
export interface TypeChecked {
  deprecated: boolean;
  /** By which the payload was checked; null: by none. */
  schemaVersion: number | null;
}

const UNCHECKED: TypeChecked = { deprecated: false, schemaVersion: null };

/**
 * Holds an event against the catalogue of its org. Throws `unknown_event_type`, `payload_schema_mismatch`, and
 * `invalid_field` for a version that does not exist. An org without a catalogue pays nothing for it; what we tell of
 * ourselves is not the org's to refuse.
 */
export async function checkType(
  schemas: Pick<SchemaJudge, 'check'>,
  rules: TypeRules | null,
  publication: Publication,
): Promise<TypeChecked> {
  const { schemaVersion = null, type } = publication;
  if ((rules === null && schemaVersion === null) || isOperational(type)) return UNCHECKED;
  const verdict = judgeType(rules, { type, schemaVersion });
  if (verdict.kind === 'unknown-type') throw new DomainError('unknown_event_type');
  if (verdict.kind === 'unknown-version') throw unknownVersion();
  const { deprecated, schema } = verdict;
  if (schema !== null) await checkPayload(schemas, publication, schema.id);
  return { deprecated, schemaVersion: schema?.version ?? null };
}

async function checkPayload(
  schemas: Pick<SchemaJudge, 'check'>,
  { orgId, payload }: Publication,
  id: string,
): Promise<void> {
  const problems = await schemas.check({ orgId, id }, payload);
  if (problems.length > 0) throw new DomainError('payload_schema_mismatch', undefined, { problems });
}

function unknownVersion(): DomainError {
  const problems = [{ field: 'schema_version', message: 'The event type has no such version.' }];
  return new DomainError('invalid_field', undefined, { problems });
}
