import { describeEventStream } from '../conformance/event-stream.ts';
import { WORLD_TIMES } from '../conformance/work-store.ts';
import { createMemoryWorkWorld } from '../support/memory/work-world.ts';

describeEventStream('memory', async () => createMemoryWorkWorld(WORLD_TIMES));
