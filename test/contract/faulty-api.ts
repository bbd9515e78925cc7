import type { ApiPorts, ComposedApi } from '@hooklane/api';
import { apiConfig, composeApi } from '@hooklane/api';
import { ALL_NAMES, createLogger, OverloadedError } from '@hooklane/runtime';
import type { House } from '../support/house.ts';

export interface FaultyApi extends AsyncDisposable {
  url: string;
}

/** A second API on the database of a house, whose stores fail on purpose. Keys are still known. */
export function openFaultyApi({ env }: Pick<House, 'env'>, fault: keyof typeof FAULTS): Promise<FaultyApi> {
  return start(composeApi(configOf(env), LOGGER, (ports) => broken(ports, FAULTS[fault])));
}

/** One whose database is away since it has started. */
export function openAwayApi({ env }: Pick<House, 'env'>): Promise<FaultyApi> {
  const api = composeApi(configOf({ ...env, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' }), LOGGER);
  const services = api.services.filter(({ name }) => name !== 'boot-check');
  // Not by spreading: its URL is known only later.
  return start(Object.create(api, { services: { value: services } }));
}

const LOGGER = createLogger({ name: 'api', level: 'silent' });

/** A defect of ours, and a group commit that takes no more. */
const FAULTS = {
  defect: () => new TypeError('broken on purpose'),
  full: () => new OverloadedError('full on purpose'),
};

function configOf(env: House['env']) {
  return apiConfig.read({ ...env, PORT: '0' }, ALL_NAMES);
}

async function start(api: Pick<ComposedApi, 'services' | 'url'>): Promise<FaultyApi> {
  for (const service of api.services) await service.start();
  return {
    url: api.url,
    async [Symbol.asyncDispose]() {
      for (const service of api.services.toReversed()) await service.stop();
    },
  };
}

/** They decide, or tell the time: nothing of them can be away. */
const KEPT: ReadonlySet<string> = new Set([
  'ids',
  'guard',
  'clock',
  'limits',
  'onFault',
  'readiness',
  'queue',
  'rates',
]);

function broken(ports: ApiPorts, fault: () => Error): ApiPorts {
  const entries = Object.entries(ports).map(([name, port]) => {
    return [name, KEPT.has(name) || typeof port !== 'object' ? port : failing(port, fault)];
  });
  return Object.fromEntries(entries);
}

function failing<T extends object>(port: T, fault: () => Error): T {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return name === 'authenticate' ? member.bind(target) : () => Promise.reject(fault());
    },
  });
}
