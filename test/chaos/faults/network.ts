import { createRandom } from '../random.ts';
import type { TcpProxy, Weather } from '../tcp-proxy.ts';
import type { Injector, World } from './fault.ts';
import { NoEffectError, seen } from './fault.ts';

type Line = (world: World) => TcpProxy;

export function postgresLine({ postgresLine: line }: World): TcpProxy {
  return line;
}

export function redisLine({ redisLine: line }: World): TcpProxy {
  if (line === null) throw new TypeError('this run has no Redis');
  return line;
}

/** All connections break at once. */
export function reset(lineOf: Line): Injector {
  return async (world) => {
    const count = lineOf(world).resetAll();
    if (count === 0) throw new NoEffectError('there was no connection to break');
    return { evidence: `${count} connections broken`, lift: async () => {} };
  };
}

export function blackHole(lineOf: Line): Injector {
  return (world) => weather(lineOf(world), { kind: 'black-hole' }, 'pieces swallowed');
}

export function latency(lineOf: Line): Injector {
  return (world, { amount }) => {
    const ms = Math.round(50 + amount * 100);
    return weather(lineOf(world), { kind: 'latency', ms }, `pieces delayed by ${ms} ms`);
  };
}

/** Breaks connections again and again: some while they log in, some between a COMMIT and its answer. */
export function cut(lineOf: Line): Injector {
  return (world, { amount }) => {
    const random = createRandom(Math.floor(amount * 2 ** 32), 'cut');
    return weather(lineOf(world), { kind: 'cut', bytes: () => random.between(200, 12_000) }, 'connections cut');
  };
}

async function weather(line: TcpProxy, change: Weather, effect: string) {
  line.change(change);
  await seen(effect, () => line.hits > 0);
  return {
    get evidence() {
      return `${line.hits} ${effect}`;
    },
    lift: async () => line.change({ kind: 'fair' }),
  };
}
