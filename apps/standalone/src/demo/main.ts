import { ConfigError, describeError, runMain } from '@hooklane/runtime';
import { deliversSigned, prunesLog, retries, survivesKill, suspendsAndResends } from './acts.ts';
import type { Narrator } from './narrator.ts';
import { createNarrator } from './narrator.ts';
import type { Stage } from './stage.ts';
import { ClaimFailedError, openStage } from './stage.ts';

const ACTS = [deliversSigned, retries, suspendsAndResends, survivesKill, prunesLog];

await runMain('demo', async () => {
  const args = process.argv.slice(2);
  const unknown = args.filter((arg) => arg !== '--json');
  if (unknown.length > 0) throw new ConfigError([`unknown argument ${unknown.join(' ')}; there is only --json`]);
  const narrator = createNarrator(args.includes('--json'));
  try {
    await show(narrator);
  } catch (error) {
    process.exitCode = 1;
    narrator.result({ ok: false, failed: narrator.step, error: describeError(error).message });
    // With --json, who reads has it already, and nothing may stand behind the result.
    if (!(error instanceof ClaimFailedError || args.includes('--json'))) throw error;
  }
});

async function show(narrator: Narrator): Promise<void> {
  narrator.title('Hooklane: durable webhook delivery. Everything here is real: processes, sockets, Postgres.');
  const stage = await openStage(narrator);
  try {
    await play(stage, narrator);
  } finally {
    await stage.close();
  }
}

async function play(stage: Stage, narrator: Narrator): Promise<void> {
  for (const act of ACTS) await act(stage);
  await stage.expect('every delivery is on record as delivered', () => isAllDelivered(stage), 20_000);
  const figures = await count(stage);
  narrator.title('In figures');
  await stage.expect(
    'nothing that was acknowledged is lost',
    () => figures.lost === 0 && figures.log_rows_after_prune === 100,
  );
  narrator.result({ ok: true, ...figures });
}

/** The killed worker had sent some that it could not record: they are attempted again once its claims have lapsed. */
async function isAllDelivered({ database, published }: Stage): Promise<boolean> {
  const { rows } = await database.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM deliveries WHERE state = 'delivered'`,
  );
  return rows[0]?.count === published.size;
}

interface Figures {
  published: number;
  delivered: number;
  attempts: number;
  retried: number;
  suspended: number;
  diverted: number;
  resent: number;
  lost: number;
  log_rows_after_prune: number;
}

/** What the acts did, as Postgres, the receivers and the API tell it. */
async function count(stage: Stage): Promise<Figures> {
  const { rows } = await stage.database.query<Counted>(`
    SELECT (SELECT count(*) FROM deliveries WHERE state = 'delivered')::int AS delivered,
           (SELECT sum(attempts) FROM deliveries)::int AS attempts,
           (SELECT count(*) FROM attempts WHERE next_step = 'retry')::int AS retried,
           (SELECT count(*) FROM attempts a JOIN webhooks w ON w.id = a.webhook_id WHERE w.name = 'busy')::int
             AS log_rows_after_prune`);
  const [counted] = rows;
  if (counted === undefined) throw new ClaimFailedError('Postgres told nothing');
  const arrived = stage.arrived();
  const lost = [...stage.published].filter((id) => !arrived.has(id)).length;
  const { delivered, attempts, retried, log_rows_after_prune } = counted;
  return { published: stage.published.size, delivered, attempts, retried, ...stage.tally, lost, log_rows_after_prune };
}

type Counted = Pick<Figures, 'delivered' | 'attempts' | 'retried' | 'log_rows_after_prune'>;
