import type { OrgId } from '@hooklane/domain';
import type { OrgStore } from '@hooklane/engine';
import { invalidField } from '../../http/zod-problems.ts';

/**
 * The org that a filter names by its slug; undefined where it names none. One that does not exist is refused: it must not
 * turn into "all orgs", nor silently match nothing. `field`: where it is named.
 */
export async function orgIdOf(
  orgs: Pick<OrgStore, 'bySlug'>,
  slug: string | undefined,
  field: string,
): Promise<OrgId | undefined> {
  if (slug === undefined) return undefined;
  const org = await orgs.bySlug(slug);
  if (org === null) throw invalidField(field, 'There is no such org.');
  return org.id;
}
