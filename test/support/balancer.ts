import { createClient } from '@hooklane/client';
import { startTcpProxy } from '../chaos/tcp-proxy.ts';
import type { Fleet } from './fleet.ts';

/** Asks every 50 ms who is ready, as balancers do, and sends new connections there. */
export async function startBalancer(ports: readonly number[]): Promise<{ url: string } & AsyncDisposable> {
  let ready = [...ports];
  let turn = 0;
  const probe = setInterval(async () => {
    const answers = await Promise.all(
      ports.map((port) =>
        fetch(`http://127.0.0.1:${port}/readyz`).then(
          ({ status }) => status === 200,
          () => false,
        ),
      ),
    );
    ready = ports.filter((_, n) => answers[n]);
  }, 50);
  const proxy = await startTcpProxy(() => ready[turn++ % ready.length] ?? 0);
  return {
    url: `http://127.0.0.1:${proxy.port}`,
    async [Symbol.asyncDispose]() {
      clearInterval(probe);
      await proxy.close();
    },
  };
}

/** As a producer has it, who leaves the client as it is. */
export async function producerAt({ operator }: Fleet, url: string) {
  const { slug } = (await operator.orgs.list()).data[0] ?? { slug: '' };
  const { key } = await operator.keys.create(slug, { name: 'producer', scopes: ['events:write'] });
  return createClient({ url, apiKey: key, org: slug });
}
