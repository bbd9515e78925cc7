import { setTimeout as sleep } from 'node:timers/promises';
import { administer, databaseUrl } from '../support/database-server.ts';
import type { Latency } from './numbers.ts';
import { startPeer } from './peer.ts';
import type { FloorConfig, FloorProducerCalls } from './processes/floor-producer.ts';
import type { Rig } from './stage.ts';

/** The baseline of latency: one commit, one BullMQ hop, one POST. */
export interface Floor {
  at(perSecond: number, seconds: number): Promise<Latency>;
}

export async function openFloor({ postgres, redis, folder, defer, sink, sinkPort }: Rig): Promise<Floor> {
  await administer(postgres.url, 'CREATE DATABASE floor');
  const config: FloorConfig = {
    databaseUrl: databaseUrl(postgres.url, 'floor'),
    redisUrl: `redis://127.0.0.1:${redis?.port}`,
  };
  const producer = await startPeer<FloorProducerCalls>('floor-producer', { folder, config });
  defer(() => producer.end());
  const worker = await startPeer<object>('floor-worker', { folder, config });
  defer(() => worker.end());
  return {
    async at(perSecond, seconds) {
      await sink.call('latency', 'floor');
      await producer.call('run', `http://127.0.0.1:${sinkPort}/floor/0`, perSecond, seconds);
      // What was added last is still on its way.
      await sleep(ON_ITS_WAY_MS);
      return sink.call('latency', 'floor');
    },
  };
}

const ON_ITS_WAY_MS = 300;
