import type { Route } from '../contract/route.ts';

export interface MethodTable {
  /** The methods that a path takes; none when the path is no route. */
  methodsOf(url: string): string[];
}

/** The router itself cannot tell a wrong method from a wrong path. */
export function createMethodTable(routes: readonly Route[]): MethodTable {
  const patterns = routes.map(({ definition: { path, method } }) => ({
    pattern: patternOf(path),
    // The framework answers HEAD wherever there is a GET.
    methods: method === 'GET' ? ['GET', 'HEAD'] : [method],
  }));
  return {
    methodsOf(url) {
      const [path = ''] = url.split('?');
      const matching = patterns.filter(({ pattern }) => pattern.test(path));
      return [...new Set(matching.flatMap(({ methods }) => methods))].sort();
    },
  };
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`);
}
