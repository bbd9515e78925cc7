import { parseId } from '@hooklane/domain';
import { SCOPES } from '@hooklane/engine';
import { Client } from 'pg';
import { until } from '../support/until.ts';
import type { FilledOrg, Scene } from './scene.ts';

const keys = new Map<string, Promise<string>>();

/**
 * A key of the org with every scope whose limit is used up for longer than any test lasts: it owes as much in the ledger
 * that all processes share.
 */
export function exhaustedKey(scene: Scene, org: FilledOrg): Promise<string> {
  const key = keys.get(org.slug) ?? exhaust(scene, org);
  keys.set(org.slug, key);
  return key;
}

async function exhaust({ house }: Scene, { slug }: FilledOrg): Promise<string> {
  const rate_limits = { requests_per_second: 1 };
  const { id, key } = await house.operator.keys.create(slug, { name: 'exhausted', scopes: SCOPES, rate_limits });
  await owe(house.env['DATABASE_URL'], `${parseId('key', id)}/requests`);
  const ask = () => fetch(`${house.url}/v1/orgs/${slug}`, { headers: { authorization: `Bearer ${key}` } });
  await until(async () => (await ask()).status === 429, { what: 'the debt to be known' });
  return key;
}

async function owe(connectionString: string | undefined, bucket: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  await client.query('INSERT INTO rate_buckets (bucket, tokens, at) VALUES ($1, -100000, now())', [bucket]);
  await client.end();
}
