import { formatId } from '@hooklane/domain';
import type { Publication, Published } from '@hooklane/engine';
import type { Logger } from '@hooklane/runtime';

export function logPublished(logger: Logger, publication: Publication, published: Published): void {
  logger.info(
    {
      event_id: formatId('evt', published.eventId),
      org_id: formatId('org', publication.orgId),
      type: publication.type,
      bytes: publication.payload.length,
      deliveries: published.deliveries,
      repeated: published.repeated,
      request_id: publication.requestId,
    },
    'event.published',
  );
}
