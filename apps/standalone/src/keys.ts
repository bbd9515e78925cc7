import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What a team would put into its secret store, and a standalone keeps beside its data. */
export interface StandaloneKeys {
  operatorKey: string;
  /** As HOOKLANE_SEALING_KEYS wants them. */
  sealingKeys: string;
}

/** New keys, good for one run. */
export function makeKeys(): StandaloneKeys {
  return {
    operatorKey: `hl_operator_${randomBytes(32).toString('base64url')}`,
    sealingKeys: `standalone:${randomBytes(32).toString('base64')}`,
  };
}

/** The keys in this file, made at the first start: with others, what is sealed in the database could not be opened. */
export async function keepKeys(file: string): Promise<StandaloneKeys> {
  const kept = await readFile(file, 'utf8').catch(absent);
  if (kept !== null) return JSON.parse(kept) as StandaloneKeys;
  const keys = makeKeys();
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  return keys;
}

function absent(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
  throw error;
}
