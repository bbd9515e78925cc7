import type { Api, OperationName, QueryOf, Request } from './api.ts';
import type { Operations } from './api-types.ts';

/** One page of a list. */
export interface Page<T> {
  data: T[];
  /** Hand it back as `cursor` to get the next page; null on the last one. */
  next_cursor: string | null;
}

export interface Listing<T, Q> {
  /** One page. */
  list(query?: Q): Promise<Page<T>>;
  /** Every item of every page; a page is asked for when the last item of the one before was taken. */
  all(query?: Q): AsyncGenerator<T, void>;
}

/** The operations that answer with a page. */
type ListName = {
  [O in OperationName]: Operations[O]['answer'] extends Page<unknown> ? O : never;
}[OperationName];

export type ItemOf<O extends ListName> = Operations[O]['answer']['data'][number];

export type ListingOf<O extends ListName> = Listing<ItemOf<O>, QueryOf<O>>;

export function listing<O extends ListName>(api: Api, operation: O, params: Operations[O]['params']): ListingOf<O> {
  const fetchPage = (query: QueryOf<O> | undefined) => api(operation, { params, query } as Request<O>);
  return {
    async list(query) {
      return fetchPage(query) as Promise<Page<ItemOf<O>>>;
    },
    async *all(query) {
      let page = await fetchPage(query);
      yield* page.data;
      while (page.next_cursor) {
        page = await fetchPage({ ...query, cursor: page.next_cursor } as QueryOf<O>);
        yield* page.data;
      }
    },
  };
}
