import { describeAuditLog } from '../conformance/audit-log.ts';
import { describeDivertedStore } from '../conformance/diverted-store.ts';
import { describeKeyStore } from '../conformance/key-store.ts';
import { describeOrgStore } from '../conformance/org-store.ts';
import { describeWebhookStore } from '../conformance/webhook-store.ts';
import { createMemoryStores } from '../support/memory/stores.ts';

describeOrgStore(createMemoryStores);
describeKeyStore(createMemoryStores);
describeWebhookStore(createMemoryStores);
describeDivertedStore(createMemoryStores);
describeAuditLog(createMemoryStores);
