import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { InvariantError } from './errors.ts';
import type { HealthOptions, HealthServer } from './health.ts';
import { createHealthServer } from './health.ts';

const running: HealthServer[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

describe('GET /healthz', () => {
  it('answers 200 while the process is live', async () => {
    const server = await start({});
    expect(await get(server, '/healthz')).toEqual({ status: 200, body: { live: true } });
  });

  it('answers 503 when it is not, whatever the readiness', async () => {
    const server = await start({ live: () => false });
    expect(await get(server, '/healthz?from=probe')).toEqual({ status: 503, body: { live: false } });
  });
});

describe('GET /readyz', () => {
  it('answers 200 with the checks, degraded ones too', async () => {
    const readiness = { ready: true, checks: { postgres: 'ok', redis: 'degraded' } } as const;
    const server = await start({ ready: async () => readiness });
    expect(await get(server, '/readyz')).toEqual({ status: 200, body: readiness });
  });

  it('answers 503 when not ready', async () => {
    const readiness = { ready: false, checks: { postgres: 'failed' } } as const;
    const server = await start({ ready: async () => readiness });
    expect(await get(server, '/readyz')).toEqual({ status: 503, body: readiness });
  });

  it('takes a check that rejects for a failed one and does not tell why', async () => {
    const server = await start({ ready: () => Promise.reject(new RangeError('postgres://u:pw@db')) });
    const failed = { ready: false, checks: { readiness: 'failed' } };
    expect(await get(server, '/readyz')).toEqual({ status: 503, body: failed });
  });

  it('takes a check that hangs for a failed one', async () => {
    const server = await start({ ready: () => new Promise(() => {}) });
    expect(await get(server, '/readyz')).toMatchObject({ status: 503 });
  });
});

describe('GET /metrics', () => {
  it('answers what is scraped, in its own type', async () => {
    const { port } = await start({});
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4');
    expect(await response.text()).toBe('a_total 1\n');
  });

  it('answers 500 where they cannot be read, and does not tell why', async () => {
    const server = await start({ metrics: { render: () => Promise.reject(new RangeError('postgres://u:pw@db')) } });
    expect(await get(server, '/metrics')).toEqual({ status: 500, body: { error: 'metrics could not be read' } });
  });
});

describe('anything else', () => {
  it.each(['/', '/healthz/', '/metric'])('answers 404 to GET %s', async (path) => {
    expect(await get(await start({}), path)).toMatchObject({ status: 404 });
  });

  it('answers 404 to another method', async () => {
    expect(await get(await start({}), '/healthz', 'POST')).toMatchObject({ status: 404 });
  });
});

describe('the service', () => {
  it('knows its port only after the start', async () => {
    const server = createHealthServer({ ...healthy, port: 0 });
    expect(() => server.port).toThrow(InvariantError);
    await server.start();
    running.push(server);
    expect(server.port).toBeGreaterThan(0);
  });

  it('rejects the start when the port is taken', async () => {
    const { port } = await start({});
    await expect(createHealthServer({ ...healthy, port }).start()).rejects.toThrow(
      `port ${port} is in use: set HOOKLANE_HEALTH_PORT to a free one`,
    );
  });

  it('stops although a client holds a connection with half a request', async () => {
    const server = createHealthServer(healthy);
    await server.start();
    const socket = connect(server.port, '127.0.0.1');
    // Cut off with a reset: an error on this side.
    socket.on('error', () => {});
    const closed = new Promise((resolve) => socket.on('close', resolve));
    await once(socket, 'connect');
    socket.write('GET /healthz HTTP/1.1\r\nHost:');
    await server.stop();
    await closed;
    await expect(get(server, '/healthz')).rejects.toThrow();
  });
});

const healthy: HealthOptions = {
  host: '127.0.0.1',
  port: 0,
  live: () => true,
  ready: async () => ({ ready: true, checks: {} }),
  metrics: { render: async () => ({ contentType: 'text/plain; version=0.0.4', text: 'a_total 1\n' }) },
};

async function start(options: Partial<HealthOptions>): Promise<HealthServer> {
  const server = createHealthServer({ ...healthy, ...options });
  await server.start();
  running.push(server);
  return server;
}

async function get(server: HealthServer, path: string, method = 'GET') {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
  return { status: response.status, body: await response.json() };
}
