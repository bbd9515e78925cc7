import { DomainError } from '@hooklane/domain';
import type { OrgChange } from '@hooklane/engine';
import { found } from '@hooklane/engine';
import { z } from 'zod';
import { answer } from '../../contract/answer.ts';
import { nameText, orgSlug } from '../../contract/fields.ts';
import { pageOf, pageQuery, pageRequestOf, presentPage } from '../../contract/paging.ts';
import { route } from '../../contract/route.ts';
import { orgSchema, presentOrg } from './org.ts';
import { changeOrgSettings, orgSettingsBody } from './org-settings.ts';

const newOrg = z
  .strictObject({
    slug: orgSlug,
    name: nameText(128).optional().describe('Default: the slug.'),
  })
  .meta({ id: 'NewOrg', examples: [{ slug: 'acme', name: 'Acme Inc.' }] });

export const createOrg = route(
  {
    method: 'POST',
    path: '/v1/orgs',
    operationId: 'createOrg',
    summary: 'Make an org',
    tag: 'Orgs',
    access: 'operator',
    body: newOrg,
    answers: { 201: orgSchema },
    problems: ['slug_taken'],
  },
  async ({ body: { slug, name = slug }, by }, { ports }) => {
    const org = await ports.orgs.create({ id: ports.ids.next('org'), slug, name, by });
    if (org === 'slug_taken') throw new DomainError('slug_taken');
    return answer(201, presentOrg(org));
  },
);

export const listOrgs = route(
  {
    method: 'GET',
    path: '/v1/orgs',
    operationId: 'listOrgs',
    summary: 'List the orgs',
    tag: 'Orgs',
    access: 'operator',
    query: z.strictObject(pageQuery),
    answers: { 200: pageOf('OrgPage', orgSchema) },
    problems: ['invalid_cursor'],
  },
  async ({ query }, { ports }) => {
    return answer(200, presentPage(await ports.orgs.list(pageRequestOf(query)), presentOrg));
  },
);

export const getOrg = route(
  {
    method: 'GET',
    path: '/v1/orgs/:org',
    operationId: 'getOrg',
    summary: 'Read an org',
    tag: 'Orgs',
    access: 'org:read',
    answers: { 200: orgSchema },
  },
  async ({ org }, { ports }) => {
    return answer(200, presentOrg(found(await ports.orgs.bySlug(org.slug))));
  },
);

const orgChange = z
  .strictObject({ name: nameText(128).optional(), settings: orgSettingsBody.optional() })
  .meta({ id: 'OrgChange', examples: [{ name: 'Acme Ltd.', settings: { duplicate_urls: 'refuse' } }] });

export const updateOrg = route(
  {
    method: 'PATCH',
    path: '/v1/orgs/:org',
    operationId: 'updateOrg',
    summary: 'Change the name or the settings of an org',
    description: 'What is left out stays. Rate limits apply within seconds on every process.',
    tag: 'Orgs',
    access: 'operator',
    body: orgChange,
    answers: { 200: orgSchema },
  },
  async ({ params, body, by }, { ports, forgetKeys }) => {
    const change = ({ name, settings }: OrgChange): OrgChange => ({
      name: body.name ?? name,
      settings: changeOrgSettings(settings, body.settings),
    });
    const org = found(await ports.orgs.change(params.org, change, by));
    forgetKeys();
    return answer(200, presentOrg(org));
  },
);

export const deleteOrg = route(
  {
    method: 'DELETE',
    path: '/v1/orgs/:org',
    operationId: 'deleteOrg',
    summary: 'Delete an org',
    description: 'With its keys at once, its webhooks, events and logs. What is pending is discarded.',
    tag: 'Orgs',
    access: 'operator',
    answers: { 204: null },
  },
  async ({ params, by }, { ports, forgetKeys }) => {
    found((await ports.orgs.delete(params.org, by)) || null);
    forgetKeys();
    return answer(204);
  },
);
