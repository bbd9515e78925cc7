/** By what a finding says: what to do. The first that fits. */
const CURES: readonly [says: RegExp, cure: string][] = [
  [
    /^HOOKLANE_CA_FILE/,
    'let HOOKLANE_CA_FILE name a file in PEM that the user of the worker can read, or leave it out',
  ],
  [/is not a known variable/, 'correct its name, or take it out of the environment'],
  [/is required/, 'set it; .env.example says how it is made'],
  [/^DATABASE_URL: Postgres cannot be reached/, 'start Postgres, or correct DATABASE_URL'],
  [/^DATABASE_URL: Postgres does not let us in/, 'correct user, password or database in DATABASE_URL'],
  [/^[A-Z][A-Z_]+:/, 'correct the variable; the README has what each may be'],
  [/older than version 14/, 'move to Postgres 14 or newer'],
  [/^fsync is off/, 'ALTER SYSTEM SET fsync = on, then SELECT pg_reload_conf()'],
  [/^full_page_writes is off/, 'ALTER SYSTEM SET full_page_writes = on, then SELECT pg_reload_conf()'],
  [
    /^synchronous_commit is off/,
    'set synchronous_commit = on wherever it was turned off: ALTER SYSTEM, ALTER DATABASE … or ALTER ROLE … SET synchronous_commit = on',
  ],
  [/pending: npm run migrate/, 'npm run migrate, before the processes are started'],
  [/migrated by a newer version/, 'start the version that migrated it, or a newer one'],
  [/^autovacuum is off/, 'ALTER SYSTEM SET autovacuum = on, then SELECT pg_reload_conf()'],
  [/restored from another cluster/, 'run the statement that the finding names, once'],
  [/which HOOKLANE_SEALING_KEYS does not have/, 'put the key back into HOOKLANE_SEALING_KEYS, behind the new one'],
  [
    /is not the one that sealed/,
    'put the right key under that id into HOOKLANE_SEALING_KEYS; a new key needs an id of its own',
  ],
  [/^\d+ secrets are still sealed/, 'POST /v1/admin/reseal, and keep the old key until that is done'],
  [/^nothing is sealed with key/, 'take the key out of HOOKLANE_SEALING_KEYS, unless a backup needs it'],
  [/maxmemory-policy/, 'CONFIG SET maxmemory-policy noeviction, and the same in redis.conf'],
  [
    /appendonly off/,
    'CONFIG SET appendonly yes, and the same in redis.conf, unless a slow minute after a restart is all right',
  ],
  [/is older than the versions this was tested with/, 'move to Redis 7 or newer'],
  [/refuses us/, 'correct user and password of REDIS_URL, or the ACL of that user'],
  [/^Redis cannot be reached/, 'start Redis, correct REDIS_URL, or leave it out: Hooklane works on Postgres alone'],
];

export function cureOf(found: string): string | null {
  return CURES.find(([says]) => says.test(found))?.[1] ?? null;
}
