import type { KeyId } from '@hooklane/domain';
import { DomainError, isOrgSlug } from '@hooklane/domain';
import type { Actor, Author, Caller, KeyStore, Org, OrgStore, Scope } from '@hooklane/engine';
import { found } from '@hooklane/engine';
import { invariant } from '@hooklane/runtime';
import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import { equalHashes, hashKey, isMintedForm, keyFromHeader } from './credentials.ts';
import { createKeyCache } from './key-cache.ts';
import type { RateGate } from './rate-gate.ts';

/** Who sent a request, once that is known. */
export interface Identity {
  /** Null: the operator. */
  keyId: KeyId | null;
  actor: Actor;
  /** The key with its limits; null: the operator, who has none. */
  caller: Caller | null;
  /** The org of the path; null where the path names none. */
  org: Pick<Org, 'id' | 'slug'> | null;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null before authentication, and on routes open to everyone. */
    identity: Identity | null;
  }
}

/** What may be put before a route. Runs before the body is read: strangers make us buffer nothing. */
export interface Gates {
  /** The operator, or a key of the org in the path that has the scope and has not used up its limits. */
  org(scope: Scope): Gate;
  /** The operator only. */
  operator: Gate;
  /** Lets no key pass that it has seen before without looking again. */
  forgetKeys(): void;
}

export interface Gate {
  onRequest: onRequestAsyncHookHandler;
}

interface GatePorts {
  keys: Pick<KeyStore, 'authenticate'>;
  orgs: Pick<OrgStore, 'bySlug'>;
  clock: () => number;
}

export function createGates(ports: GatePorts, operatorKey: string, rates: RateGate): Gates {
  const operatorHash = hashKey(operatorKey);
  const cache = createKeyCache(ports.keys, ports.clock);

  async function forOrg(request: FastifyRequest, scope: Scope): Promise<Identity> {
    const { key, hash } = presented(request);
    if (equalHashes(hash, operatorHash)) return { ...OPERATOR, org: await namedOrg(slugIn(request)) };

    const caller = isMintedForm(key) ? await cache.callerOf(hash) : null;
    if (caller === null) throw unauthenticated();
    if (caller.org.slug !== slugIn(request)) throw new DomainError('not_found');
    if (!caller.scopes.has(scope)) throw new DomainError('forbidden', `The key lacks the scope ${scope}.`);
    return identityOf(caller);
  }

  /** What is no slug names no org, and is not put before the store, which may not even take it. */
  async function namedOrg(slug: string): Promise<Org> {
    return found(isOrgSlug(slug) ? await ports.orgs.bySlug(slug) : null);
  }

  async function forOperator(request: FastifyRequest): Promise<Identity> {
    const { key, hash } = presented(request);
    if (equalHashes(hash, operatorHash)) return { ...OPERATOR, org: null };
    const isKnown = isMintedForm(key) && (await cache.callerOf(hash)) !== null;
    throw isKnown ? new DomainError('forbidden', "This takes the operator's key.") : unauthenticated();
  }

  return {
    org: (scope) => ({
      async onRequest(request, reply) {
        request.identity = await forOrg(request, scope);
        rates.take(reply, 'requests', 1);
      },
    }),
    operator: {
      async onRequest(request) {
        request.identity = await forOperator(request);
      },
    },
    forgetKeys: () => cache.clear(),
  };
}

/** Who makes the changes that a request asks for. Only behind a gate. */
export function authorOf(request: FastifyRequest): Author {
  invariant(request.identity, 'the route has no gate');
  return { actor: request.identity.actor, requestId: request.id };
}

const OPERATOR = { keyId: null, caller: null, actor: { kind: 'operator' } } as const;

function identityOf(caller: Caller): Identity {
  const { keyId, keyName, org } = caller;
  return { keyId, caller, actor: { kind: 'key', id: keyId, name: keyName }, org };
}

/** The org in the path, as it stands there. */
function slugIn(request: FastifyRequest): string {
  // The router makes them: one string for every name in the path.
  return (request.params as Readonly<Record<string, string>>)['org'] ?? '';
}

function presented(request: FastifyRequest): { key: string; hash: Buffer } {
  const key = keyFromHeader(request.headers.authorization);
  if (key === null) throw unauthenticated();
  return { key, hash: hashKey(key) };
}

function unauthenticated(): DomainError {
  return new DomainError('unauthenticated');
}
