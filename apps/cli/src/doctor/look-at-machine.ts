import { createServer, Socket } from 'node:net';
import type { Finding } from './finding.ts';

const REACH_MS = 3_000;

/** Whether a process could listen there now. */
export async function lookAtPort(variable: string, host: string, port: number): Promise<Finding[]> {
  if (port === 0) return [];
  const code = await listenOnce(host, port);
  if (code === null) return [];
  const found =
    code === 'EADDRINUSE'
      ? `port ${port} (${variable}) is in use`
      : `port ${port} (${variable}) cannot be had: ${code}`;
  const cure = `unless it is Hooklane itself that runs: end who has it, or choose another ${variable}`;
  return [{ about: 'Port', level: 'warning', found, cure }];
}

function listenOnce(host: string, port: number): Promise<string | null> {
  const probe = createServer();
  return new Promise((resolve) => {
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    probe.listen(port, host, () => probe.close(() => resolve(null)));
  });
}

/** Whether the proxy that all requests to receivers go through takes connections. */
export async function lookAtProxy({ host, port }: { host: string; port: number }): Promise<Finding[]> {
  const reason = await dial(host, port);
  if (reason === null) return [];
  const found = `the proxy at ${host}:${port} cannot be reached (${reason}): nothing could be sent`;
  return [{ about: 'Egress', level: 'problem', found, cure: 'start the proxy, or correct HOOKLANE_EGRESS_PROXY' }];
}

function dial(host: string, port: number): Promise<string | null> {
  const socket = new Socket();
  return new Promise<string | null>((resolve) => {
    socket.setTimeout(REACH_MS, () => resolve('no answer'));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.connect(port, host, () => resolve(null));
  }).finally(() => socket.destroy());
}

/** What is good for trying things out, and opens doors in production. */
export function lookAtDoors(config: {
  allowNetworks: readonly unknown[];
  allowHttp: boolean;
  allowInsecureTls: boolean;
}): Finding[] {
  const doors: [isOpen: boolean, found: string, variable: string][] = [
    [config.allowNetworks.length > 0, 'webhooks may lead into private networks', 'HOOKLANE_ALLOW_NETWORKS'],
    [config.allowHttp, 'webhooks may be sent without TLS', 'HOOKLANE_ALLOW_HTTP'],
    [
      config.allowInsecureTls,
      'webhooks may be sent to receivers that nobody vouches for',
      'HOOKLANE_ALLOW_INSECURE_TLS',
    ],
  ];
  return doors
    .filter(([isOpen]) => isOpen)
    .map(([, found, variable]) => ({
      about: 'Doors',
      level: 'warning' as const,
      found: `${found} (${variable})`,
      cure: `leave ${variable} out, unless all who may register webhooks are trusted with that`,
    }));
}
