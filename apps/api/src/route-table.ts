import type { FastifyInstance } from 'fastify';

export interface RouteTable {
  /** The methods that a path takes; none when the path is no route. */
  methodsOf(url: string): string[];
}

/** Remembers the routes registered from now on: the router itself cannot tell a wrong method from a wrong path. */
export function createRouteTable(app: FastifyInstance): RouteTable {
  const routes = new Map<string, { pattern: RegExp; methods: Set<string> }>();
  app.addHook('onRoute', ({ url, method }) => {
    const route = routes.get(url) ?? { pattern: patternOf(url), methods: new Set() };
    for (const one of [method].flat()) route.methods.add(one);
    routes.set(url, route);
  });
  return {
    methodsOf(url) {
      const [path = ''] = url.split('?');
      const matching = [...routes.values()].filter(({ pattern }) => pattern.test(path));
      return [...new Set(matching.flatMap(({ methods }) => [...methods]))].sort();
    },
  };
}

function patternOf(url: string): RegExp {
  return new RegExp(`^${url.replaceAll(/:\w+/g, '[^/]+')}$`);
}
