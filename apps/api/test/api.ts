import { formatId } from '@hooklane/domain';
import type { Author, Org, RateLimits, Scope } from '@hooklane/engine';
import { NO_RATE_LIMITS, SCOPES } from '@hooklane/engine';
import { createLogger } from '@hooklane/runtime';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { mintKey } from '../src/access/credentials.ts';
import { createServer } from '../src/http/server.ts';
import type { FakePorts } from './fake-ports.ts';
import { fakePorts } from './fake-ports.ts';
import { expectPromised } from './promised.ts';

export const OPERATOR_KEY = 'operator-key-of-the-tests-0123456789';

const OPERATOR: Author = { actor: { kind: 'operator' }, requestId: null };

export interface Call {
  /** The text of a key; null: none. Default: one of org `acme` with all scopes. */
  key?: string | null;
  body?: unknown;
  /** Instead of `body`: as it is. */
  raw?: string | Buffer;
  headers?: Record<string, string>;
}

/** An API on ports in memory, with an org `acme` and another, `globex`. */
export interface TestApi {
  app: FastifyInstance;
  ports: FakePorts;
  acme: Org;
  globex: Org;
  /** Of acme, all scopes. */
  key: string;
  globexKey: string;
  stopping: AbortController;
  log: Record<string, unknown>[];
  keyFor(org: Org, scopes: readonly Scope[], rateLimits?: RateLimits): Promise<string>;
  call(method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE', url: string, call?: Call): Promise<LightMyRequestResponse>;
}

export async function startApi(): Promise<TestApi> {
  const ports = fakePorts();
  const stopping = new AbortController();
  const log: TestApi['log'] = [];
  const destination = { write: (line: string) => log.push(JSON.parse(line)) };
  const app = createServer(ports, {
    operatorKey: OPERATOR_KEY,
    maxPayloadBytes: 4096,
    maxDepth: 8,
    orgRateLimits: NO_RATE_LIMITS,
    logger: createLogger({ name: 'api', level: 'debug', destination }),
    stopping: stopping.signal,
    traces: null,
    onAnswered: () => {},
  });
  await app.ready();

  async function keyFor(org: Org, scopes: readonly Scope[], rateLimits = NO_RATE_LIMITS): Promise<string> {
    const { text, hash, hint } = mintKey();
    const settings = { orgId: org.id, name: 'test', scopes, rateLimits, expiresAt: null, by: OPERATOR };
    await ports.keys.create({ id: ports.ids.next('key'), hash, hint, ...settings });
    return text;
  }

  const acme = await makeOrg(ports, 'acme');
  const globex = await makeOrg(ports, 'globex');
  const key = await keyFor(acme, SCOPES);
  return {
    ...{ app, ports, acme, globex, key, stopping, log, keyFor },
    globexKey: await keyFor(globex, SCOPES),
    async call(method, url, given = {}) {
      const answer = await app.inject({ method, url, ...payloadOf(given), headers: headersOf(given, key) });
      expectPromised(method, url, answer);
      return answer;
    },
  };
}

/** An id of the kind that names nothing. */
export function strangeId(ports: FakePorts, prefix: 'wh' | 'evt' | 'att' | 'dlv' | 'op' | 'key'): string {
  return formatId(prefix, ports.ids.next(prefix));
}

async function makeOrg(ports: FakePorts, slug: string): Promise<Org> {
  const org = await ports.orgs.create({ id: ports.ids.next('org'), slug, name: slug, by: OPERATOR });
  if (org === 'slug_taken') throw new TypeError('the test makes an org twice');
  return org;
}

function payloadOf({ raw, body }: Call): { payload?: string | Buffer } {
  if (raw !== undefined) return { payload: raw };
  return body === undefined ? {} : { payload: JSON.stringify(body) };
}

function headersOf({ key, headers, raw, body }: Call, defaultKey: string): Record<string, string> {
  const shown = key === undefined ? defaultKey : key;
  return {
    ...(raw === undefined && body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(shown === null ? {} : { authorization: `Bearer ${shown}` }),
    ...headers,
  };
}
