# One image for api, worker, reaper and migrate: docker-compose.yml says which of them a container is.
ARG NODE_VERSION=24

# What decides which dependencies are installed, and nothing else: sources change often, these files rarely.
FROM node:${NODE_VERSION}-slim AS manifests
WORKDIR /app
ENV CI=true
# The version that package.json names.
RUN npm install --global pnpm@10.34.9
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY packages/client/package.json packages/client/
COPY packages/domain/package.json packages/domain/
COPY packages/engine/package.json packages/engine/
COPY packages/postgres/package.json packages/postgres/
COPY packages/queue/package.json packages/queue/
COPY packages/runtime/package.json packages/runtime/
COPY packages/schemas/package.json packages/schemas/
COPY packages/sender/package.json packages/sender/
COPY apps/api/package.json apps/api/
COPY apps/cli/package.json apps/cli/
COPY apps/reaper/package.json apps/reaper/
COPY apps/standalone/package.json apps/standalone/
COPY apps/worker/package.json apps/worker/

FROM manifests AS build
# hooklane is the root, which has the compiler.
RUN pnpm install --frozen-lockfile --filter hooklane \
  --filter "@hooklane/api..." --filter "@hooklane/worker..." --filter "@hooklane/reaper..." --filter "@hooklane/cli..."
COPY tsconfig.base.json ./
COPY packages packages
COPY apps apps
RUN node_modules/.bin/tsc -b apps/api apps/worker apps/reaper apps/cli \
  && mkdir /compiled \
  && cp --recursive --parents packages/*/dist apps/*/dist apps/cli/bin /compiled

FROM manifests AS production
RUN pnpm install --frozen-lockfile --prod \
  --filter "@hooklane/api..." --filter "@hooklane/worker..." --filter "@hooklane/reaper..." --filter "@hooklane/cli..."

FROM node:${NODE_VERSION}-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=production /app ./
COPY --from=build /compiled ./
# packages/postgres looks for it three folders above its dist.
COPY migrations migrations
# node, by its number: where Kubernetes is told to run nobody as root, it takes no name.
USER 1000
EXPOSE 8080 8081
# No shell in between: signals must reach node, which then lets attempts under way end.
CMD ["node", "apps/api/dist/main.js"]
