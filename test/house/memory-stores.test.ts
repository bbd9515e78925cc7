import { describeAuditLog } from '../conformance/audit-log.ts';
import { describeDivertedStore } from '../conformance/diverted-store.ts';
import { describeEventTypeStore } from '../conformance/event-type-store.ts';
import { describeKeyStore } from '../conformance/key-store.ts';
import { describeOperationStore } from '../conformance/operation-store.ts';
import { describeOrgStore } from '../conformance/org-store.ts';
import { describeRedeliveryStore } from '../conformance/redelivery-store.ts';
import { describeWebhookStore } from '../conformance/webhook-store.ts';
import { createMemoryStores } from '../support/memory/stores.ts';

describeOrgStore(createMemoryStores);
describeKeyStore(createMemoryStores);
describeWebhookStore(createMemoryStores);
describeDivertedStore(createMemoryStores);
describeRedeliveryStore(createMemoryStores);
describeOperationStore(createMemoryStores);
describeAuditLog(createMemoryStores);
describeEventTypeStore(createMemoryStores);
