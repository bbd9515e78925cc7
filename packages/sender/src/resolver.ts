import { promises as dns } from 'node:dns';

export interface Address {
  address: string;
  family: 4 | 6;
}

/** A name that does not resolve is a fact about the receiver, not an exception. `code` is that of c-ares: ENOTFOUND, ETIMEOUT … */
export type Resolution = { kind: 'found'; addresses: readonly Address[] } | { kind: 'failed'; code: string };

export interface Resolver {
  /** IPv4 first: many machines have no route for IPv6, and the first address is the one dialled first. Never rejects. */
  resolve(name: string): Promise<Resolution>;
  /** Ends the queries under way; they come back as failed. */
  close(): void;
}

export interface ResolverOptions {
  /** DNS servers as `address` or `address:port`. Default: those of the machine. */
  servers?: readonly string[];
  /** Wait for the first answer of a server, default 1,000 ms; the second try of c-ares waits longer. */
  timeoutMs?: number;
  /** Names kept in the cache, default 10,000; the oldest entry goes first. */
  maxNames?: number;
}

/**
 * DNS by c-ares, not by `dns.lookup`: getaddrinfo runs in the thread pool of libuv, where a few dead names make
 * everybody else wait for 20 s. The price: names known only to `/etc/hosts` do not resolve (localhost excepted).
 */
export function createResolver({ servers, timeoutMs = 1_000, maxNames = 10_000 }: ResolverOptions = {}): Resolver {
  const channel = new dns.Resolver({ timeout: timeoutMs, tries: 2 });
  if (servers) channel.setServers(servers);
  const cache = new Map<string, Cached>();
  const underWay = new Map<string, Promise<Resolution>>();

  async function query(name: string): Promise<Resolution> {
    const answer = await queryBothFamilies(channel, name);
    underWay.delete(name);
    remember(name, answer);
    return answer.resolution;
  }

  function remember(name: string, { resolution, ttlMs }: Answer): void {
    cache.delete(name);
    cache.set(name, { resolution, expiresAtMs: performance.now() + ttlMs });
    if (cache.size > maxNames) cache.delete(cache.keys().next().value ?? name);
  }

  return {
    resolve(text) {
      const name = text.endsWith('.') ? text.slice(0, -1) : text;
      if (isLocalhost(name)) return LOCALHOST;
      const cached = cache.get(name);
      if (cached && cached.expiresAtMs > performance.now()) return Promise.resolve(cached.resolution);
      const running = underWay.get(name) ?? query(name);
      underWay.set(name, running);
      return running;
    },
    close: () => channel.cancel(),
  };
}

/** Cached answers are checked by the address policy again at each connect, so a cache can be no way around it. */
const POSITIVE_TTL_MAX_MS = 30_000;
const NEGATIVE_TTL_MS = 1_000;

/** Some servers never answer AAAA. Once one family is known the other gets this long, and is then left out. */
const OTHER_FAMILY_GRACE_MS = 200;

/** More than anyone publishes. A hostile zone could list thousands, all of which would be judged and kept. */
const ADDRESSES_MAX = 64;

const NOT_ANSWERED = { kind: 'failed', code: 'ETIMEOUT' } as const;

interface Cached {
  resolution: Resolution;
  expiresAtMs: number;
}

interface Answer {
  resolution: Resolution;
  ttlMs: number;
}

interface Found {
  kind: 'found';
  addresses: Address[];
  ttlMs: number;
}

type FamilyAnswer = Found | { kind: 'failed'; code: string };

/** RFC 6761: never asked of a DNS server. Whether it may be sent to is for the address policy to say. */
function isLocalhost(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost');
}

const LOCALHOST: Promise<Resolution> = Promise.resolve({
  kind: 'found',
  addresses: [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ],
});

async function queryBothFamilies(channel: dns.Resolver, name: string): Promise<Answer> {
  const ipv4 = answerOf(4, channel.resolve4(name, { ttl: true }));
  const ipv6 = answerOf(6, channel.resolve6(name, { ttl: true }));
  const first = await Promise.race([ipv4, ipv6]);
  if (first.kind === 'failed') return combine(await ipv4, await ipv6);
  return Promise.race([Promise.all([ipv4, ipv6]).then(([four, six]) => combine(four, six)), graceOf(first)]);
}

async function answerOf(family: 4 | 6, asked: Promise<{ address: string; ttl: number }[]>): Promise<FamilyAnswer> {
  try {
    const records = await asked;
    if (records.length > ADDRESSES_MAX) return { kind: 'failed', code: 'EBADRESP' };
    const ttlMs = Math.min(POSITIVE_TTL_MAX_MS, ...records.map((record) => record.ttl * 1_000));
    return { kind: 'found', addresses: records.map(({ address }) => ({ address, family })), ttlMs };
  } catch (error) {
    return { kind: 'failed', code: codeOf(error) };
  }
}

function combine(ipv4: FamilyAnswer, ipv6: FamilyAnswer): Answer {
  if (ipv4.kind === 'failed' && ipv6.kind === 'failed') {
    return { resolution: { kind: 'failed', code: ipv4.code }, ttlMs: NEGATIVE_TTL_MS };
  }
  const found = [ipv4, ipv6].filter((answer) => answer.kind === 'found');
  return {
    resolution: { kind: 'found', addresses: found.flatMap((answer) => answer.addresses) },
    ttlMs: Math.min(...found.map((answer) => answer.ttlMs)),
  };
}

function graceOf(answer: Found): Promise<Answer> {
  return new Promise((resolve) => {
    // Unreferenced: usually the other family answers at once, and nothing should wait for this timer.
    setTimeout(() => resolve(combine(answer, NOT_ANSWERED)), OTHER_FAMILY_GRACE_MS).unref();
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EUNKNOWN';
}
