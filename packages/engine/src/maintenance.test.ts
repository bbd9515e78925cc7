import type { OrgId } from '@hooklane/domain';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Stores } from '../../../test/conformance/stores.ts';
import { by, newOrg, newWebhook } from '../../../test/conformance/stores.ts';
import { createMemoryStores } from '../../../test/support/memory/stores.ts';
import { createIdFactory } from './ids.ts';
import type { MaintenancePorts } from './maintenance.ts';
import { eraseOrg, previewErasure, previewReseal, reseal } from './maintenance.ts';

let stores: Stores;
let ports: MaintenancePorts;
beforeEach(async () => {
  stores = await createMemoryStores();
  ports = { ...stores, ids: createIdFactory(), sealingKeyId: 'k2' };
});

describe('erasing an org', () => {
  it('deletes it at once, then erases what was its, and leaves the others alone', async () => {
    const [gone, other] = [await newOrg(stores), await newOrg(stores)];
    const kept = await newWebhook(stores, other.id);
    await newWebhook(stores, gone.id);
    const { id, task } = await eraseOrg(ports, gone.id, { perSecond: 10, by });
    expect(task).toEqual({ kind: 'erase', orgId: gone.id });
    expect(await stores.orgs.bySlug(gone.slug)).toBeNull();
    await stores.operations.advance({ stepMs: 1_000 });
    expect(await stores.operations.get(null, id)).toMatchObject({ state: 'done', orgId: null });
    expect(await stores.orgs.find(gone.id)).toBeNull();
    expect(await stores.webhooks.get(other.id, kept.id)).toEqual(kept);
    const { data } = await stores.audit.list({}, { limit: 100, cursor: null });
    expect(data.filter(({ org }) => org?.id === gone.id)).toEqual([]);
    expect(data[0]).toMatchObject({ action: 'operation.started', details: { kind: 'erase' } });
  });

  it('tells before what it would be about, and leaves it as it is', async () => {
    const org = await newOrg(stores);
    const { id } = await newWebhook(stores, org.id);
    const found = { slug: org.slug, isDeleted: false, rows: 1 };
    expect(await previewErasure(ports, org.id)).toEqual(found);
    expect(await stores.webhooks.get(org.id, id)).not.toBeNull();
    await stores.orgs.delete(org.slug, by);
    expect(await previewErasure(ports, org.id)).toMatchObject({ slug: org.slug, isDeleted: true });
    await expect(previewErasure(ports, ports.ids.next('org'))).rejects.toMatchObject({ code: 'not_found' });
  });

  it('takes one that was deleted before, and none that never was', async () => {
    const org = await newOrg(stores);
    await stores.orgs.delete(org.slug, by);
    expect(await stores.orgs.find(org.id)).toEqual({ slug: org.slug, isDeleted: true });
    expect(await eraseOrg(ports, org.id, { perSecond: 10, by })).toMatchObject({ state: 'running' });
    const nobody: OrgId = ports.ids.next('org');
    await expect(eraseOrg(ports, nobody, { perSecond: 10, by })).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('sealing anew', () => {
  it('is to be done with the key that seals when it begins', async () => {
    expect(await previewReseal(ports)).toBe(0);
    const started = await reseal(ports, { perSecond: 7, by });
    expect(started).toMatchObject({ orgId: null, perSecond: 7, task: { kind: 'reseal', keyId: 'k2' } });
    const { data } = await stores.audit.list({}, { limit: 1, cursor: null });
    expect(data).toMatchObject([{ action: 'operation.started', details: { kind: 'reseal', key: 'k2' } }]);
  });
});
