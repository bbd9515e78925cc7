/** What an org has laid down about the types of its events. */
export interface TypeRules {
  /** What becomes of events whose type is not in the catalogue. */
  unknown: 'allow' | 'refuse';
  known: ReadonlyMap<string, KnownType>;
}

export interface KnownType {
  /** Still taken; who publishes it is told. */
  deprecated: boolean;
  /** The version of the schema that holds where none is named; null: payloads are not checked then. */
  current: number | null;
  /** Version → id of the schema. */
  schemas: ReadonlyMap<number, string>;
}

export type TypeVerdict =
  | {
      kind: 'taken';
      deprecated: boolean;
      /** What the payload is to be checked by; null: by nothing. */
      schema: { id: string; version: number } | null;
    }
  | { kind: 'unknown-type' }
  | { kind: 'unknown-version' };

/** By which rules an event is taken. `rules` null: the org has none and takes every type. */
export function judgeType(
  rules: TypeRules | null,
  { type, schemaVersion }: { type: string; schemaVersion: number | null },
): TypeVerdict {
  const known = rules?.known.get(type);
  if (known === undefined && rules?.unknown === 'refuse') return { kind: 'unknown-type' };
  const version = schemaVersion ?? known?.current ?? null;
  if (version === null) return { kind: 'taken', deprecated: known?.deprecated ?? false, schema: null };
  const id = known?.schemas.get(version);
  if (known === undefined || id === undefined) return { kind: 'unknown-version' };
  return { kind: 'taken', deprecated: known.deprecated, schema: { id, version } };
}
