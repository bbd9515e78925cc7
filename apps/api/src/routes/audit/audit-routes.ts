import type { AuditFilter } from '@hooklane/engine';
import { AUDIT_ACTIONS } from '@hooklane/engine';
import { z } from 'zod';
import { answer } from '../../contract/answer.ts';
import { idOf, moment, orgSlug, storableText } from '../../contract/fields.ts';
import { pageOf, pageQuery, pageRequestOf, presentPage } from '../../contract/paging.ts';
import { route } from '../../contract/route.ts';
import { auditEntrySchema, presentAuditEntry } from './audit-entry.ts';

const auditQuery = z.strictObject({
  ...pageQuery,
  actor: z
    .union([z.enum(['operator', 'system']), idOf('key', 'a key')], 'must be operator, system or the id of a key')
    .optional()
    .describe('`operator`, `system`, or the id of a key.'),
  action: z.enum(AUDIT_ACTIONS).optional(),
  target: storableText(256).min(1).optional().describe('An id, or the name of an event type.'),
  since: moment.optional().describe('Included.'),
  until: moment.optional().describe('Not included.'),
});

const auditPage = pageOf('AuditPage', auditEntrySchema);

export const listAudit = route(
  {
    method: 'GET',
    path: '/v1/orgs/:org/audit',
    operationId: 'listAudit',
    summary: 'Tell who changed what in an org',
    description: 'Newest first. Each entry was written together with its change; secrets and values are not in it.',
    tag: 'Audit',
    access: 'audit:read',
    query: auditQuery,
    answers: { 200: auditPage },
    problems: ['invalid_cursor'],
  },
  async ({ org, query }, { ports }) => {
    const entries = await ports.audit.list({ ...filterOf(query), orgId: org.id }, pageRequestOf(query));
    return answer(200, presentPage(entries, presentAuditEntry));
  },
);

export const listAllAudit = route(
  {
    method: 'GET',
    path: '/v1/admin/audit',
    operationId: 'listAllAudit',
    summary: 'Tell who changed what in all orgs',
    description: 'Newest first, with what was done to orgs that are deleted by now.',
    tag: 'Audit',
    access: 'operator',
    query: auditQuery.extend({ org: orgSlug.optional().describe('Of orgs that have, or had, this slug.') }),
    answers: { 200: auditPage },
    problems: ['invalid_cursor'],
  },
  async ({ query }, { ports }) => {
    const entries = await ports.audit.list({ ...filterOf(query), orgSlug: query.org }, pageRequestOf(query));
    return answer(200, presentPage(entries, presentAuditEntry));
  },
);

function filterOf({ actor, action, target, since, until }: z.output<typeof auditQuery>): AuditFilter {
  return { actor, action, target, since, until };
}
