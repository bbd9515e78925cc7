/** REDIS_URL cannot be understood. The message never quotes the URL: it holds a password. */
export class RedisUrlError extends Error {
  override readonly name = 'RedisUrlError';
}

export interface RedisAddress {
  host: string;
  port: number;
}

export interface Credentials {
  username?: string;
  password?: string;
}

/** Where Redis is, and how one gets in. */
export type RedisTarget = {
  /** Both to Redis and to its Sentinels. */
  tls: boolean;
  credentials: Credentials;
} & (
  | { topology: 'single'; address: RedisAddress; db: number }
  | {
      topology: 'sentinel';
      sentinels: RedisAddress[];
      masterName: string;
      sentinelCredentials: Credentials;
      db: number;
    }
  | { topology: 'cluster'; nodes: RedisAddress[] }
);

/**
 * Reads the forms of REDIS_URL; `rediss` instead of `redis` in front means TLS:
 * - `redis://user:password@host:6379/0`
 * - `redis+sentinel://user:password@host:26379/0?name=main&node=host2:26379`, and `sentinel_username`,
 *   `sentinel_password` where the Sentinels ask for some
 * - `redis+cluster://user:password@host:6379?node=host2:6379`
 *
 * `node` may be repeated: with commas instead it would be no URL, which no redaction and no check could read.
 * @throws RedisUrlError for anything else, also for a parameter that is not known.
 */
export function parseRedisUrl(text: string): RedisTarget {
  const url = URL.canParse(text) ? new URL(text) : refuse('is not a URL');
  const [, tls, topology = 'single'] =
    /^redis(s?)(?:\+(sentinel|cluster))?:$/.exec(url.protocol) ??
    refuse('must start with redis://, redis+sentinel:// or redis+cluster://, or with rediss for TLS');
  const common = { tls: tls === 's', credentials: credentials(decode(url.username), decode(url.password)) };
  if (topology === 'cluster') return { ...common, topology, nodes: clusterNodes(url) };
  if (topology === 'sentinel') return { ...common, topology, ...sentinels(url) };
  allowOnly(url, []);
  return { ...common, topology: 'single', address: addressOf(url, 6379), db: databaseOf(url) };
}

function refuse(problem: string): never {
  throw new RedisUrlError(`REDIS_URL ${problem}`);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse('holds a % that encodes nothing: write it as %25');
  }
}

/** An empty user name is none: `redis://:password@host` is how most people write it. */
function credentials(username: string, password: string): Credentials {
  return { ...(username && { username }), ...(password && { password }) };
}

function clusterNodes(url: URL): RedisAddress[] {
  allowOnly(url, ['node']);
  if (databaseOf(url) !== 0) refuse('names a database, but a cluster has only one');
  return addressesOf(url, 6379);
}

function sentinels(url: URL) {
  allowOnly(url, ['node', 'name', 'sentinel_username', 'sentinel_password']);
  const value = (name: string) => url.searchParams.get(name) ?? '';
  return {
    sentinels: addressesOf(url, 26_379),
    masterName: value('name') || refuse('needs ?name=, the name its Sentinels know the master by'),
    sentinelCredentials: credentials(value('sentinel_username'), value('sentinel_password')),
    db: databaseOf(url),
  };
}

function allowOnly(url: URL, names: readonly string[]): void {
  const unknown = [...url.searchParams.keys()].find((name) => !names.includes(name));
  if (unknown !== undefined) refuse(`has a parameter that is not known: ${unknown.slice(0, 40)}`);
}

function databaseOf(url: URL): number {
  const [, digits] = /^\/?(\d*)$/.exec(url.pathname) ?? refuse('may have no path but the number of a database');
  return Number(digits);
}

function addressesOf(url: URL, defaultPort: number): RedisAddress[] {
  return [
    addressOf(url, defaultPort),
    ...url.searchParams.getAll('node').map((node) => nodeAddress(node, defaultPort)),
  ];
}

function nodeAddress(node: string, defaultPort: number): RedisAddress {
  const text = `redis://${node}`;
  return URL.canParse(text) ? addressOf(new URL(text), defaultPort) : refuse('has a node that is not host:port');
}

/** The brackets of an IPv6 address belong to the URL, not to the host. */
function addressOf(url: URL, defaultPort: number): RedisAddress {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1') || refuse('names no host');
  return { host, port: url.port === '' ? defaultPort : Number(url.port) };
}
