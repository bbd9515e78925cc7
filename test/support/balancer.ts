import { createClient } from '@hooklane/client';
import type { Fleet } from './fleet.ts';
import { startProcess } from './process.ts';

/** Before the APIs that listen there: see balancer.mjs. */
export async function startBalancer(ports: readonly number[]): Promise<{ url: string } & AsyncDisposable> {
  const balancer = await startProcess({
    entry: 'test/support/balancer.mjs',
    args: ports.map(String),
    readyLine: /^balancer ready (\d+)$/,
  });
  return {
    url: `http://127.0.0.1:${balancer.ready[1]}`,
    [Symbol.asyncDispose]: () => balancer[Symbol.asyncDispose](),
  };
}

/** As a producer has it, who leaves the client as it is. */
export async function producerAt({ operator }: Fleet, url: string) {
  const { slug } = (await operator.orgs.list()).data[0] ?? { slug: '' };
  const { key } = await operator.keys.create(slug, { name: 'producer', scopes: ['events:write'] });
  return createClient({ url, apiKey: key, org: slug });
}
