import { describeAuditLog } from '../../../test/conformance/audit-log.ts';
import { describeDivertedStore } from '../../../test/conformance/diverted-store.ts';
import { describeEventTypeStore } from '../../../test/conformance/event-type-store.ts';
import { describeKeyStore } from '../../../test/conformance/key-store.ts';
import { describeOperationStore } from '../../../test/conformance/operation-store.ts';
import { describeOrgStore } from '../../../test/conformance/org-store.ts';
import { describeRedeliveryStore } from '../../../test/conformance/redelivery-store.ts';
import { describeWebhookStore } from '../../../test/conformance/webhook-store.ts';
import { createPostgresStores } from '../../../test/support/postgres-stores.ts';

describeOrgStore(createPostgresStores);
describeKeyStore(createPostgresStores);
describeWebhookStore(createPostgresStores);
describeDivertedStore(createPostgresStores);
describeRedeliveryStore(createPostgresStores);
describeOperationStore(createPostgresStores);
describeAuditLog(createPostgresStores);
describeEventTypeStore(createPostgresStores);
