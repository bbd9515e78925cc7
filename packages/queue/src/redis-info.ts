import type { Redis } from 'ioredis';
import type { RedisClient } from './connection.ts';

/** What each master says of itself. INFO and not CONFIG GET, which hosted servers forbid. */
export function readInfos(client: RedisClient): Promise<string[]> {
  const servers: Redis[] = 'nodes' in client ? client.nodes('master') : [client];
  return Promise.all(servers.map((server) => server.info()));
}

/** Undefined where a server does not tell it. */
export function field(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
}
