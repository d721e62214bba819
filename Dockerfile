# One image for all programs: the program is the argument, the operator is the default. manifests/ starts it so.
#   docker run hypersphere                                    the operator
#   docker run hypersphere src/cmd/world.ts --data-dir=DIR    the simulated world
# It writes nowhere but where it is told to: run it with a read-only root and mount what it keeps.
FROM node:24.21.0-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No package needs an install script, and the image brings its own Node.
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json ./
COPY crds crds
COPY manifests manifests
COPY src src
# The image's unprivileged user `node`, by number: Kubernetes cannot tell from a name that it is not root.
USER 1000:1000
# Node handles no signal that nobody listens to when it is process 1; the programs listen to INT and TERM.
# As scripts/launcher/options.mjs has them.
ENTRYPOINT ["node", "--disable-warning=ExperimentalWarning", "--max-semi-space-size=4", "--heap-growing-percent=40"]
CMD ["src/cmd/operator.ts"]
