import type { ApiRequest } from '../../meta/control-plane.ts';
import { checkAcceptable } from './accept.ts';
import type { UserInfo } from './auth.ts';
import { methodNotAllowed, noSuchResource, notFound, notImplemented } from './errors.ts';
import type { ResourcePath } from './path.ts';
import { Query } from './query.ts';
import type { Resource, Subresource } from './registry/resource.ts';
import type { Answer } from './respond.ts';
import { pageNotFound } from './respond.ts';
import { answerReview, findReview } from './reviews.ts';
import type { Call, Server } from './server.ts';
import { bind } from './subresources/binding.ts';
import { evict } from './subresources/eviction.ts';
import { getScale, writeScale } from './subresources/scale.ts';
import { create } from './verbs/create.ts';
import { removeCollection } from './verbs/delete-collection.ts';
import { remove } from './verbs/delete.ts';
import { get } from './verbs/get.ts';
import { list } from './verbs/list.ts';
import { patch } from './verbs/patch.ts';
import { update } from './verbs/update.ts';
import { watch } from './verbs/watch.ts';

/** What a request for a resource comes with. */
export interface Incoming {
  readonly server: Server;
  readonly request: ApiRequest;
  readonly path: ResourcePath;
  readonly user: UserInfo;
  readonly signal: AbortSignal;
  readonly warn: (text: string) => void;
}

const nothing = new Uint8Array();

/** Carries out a request for a resource. */
export async function route(incoming: Incoming): Promise<Answer> {
  const { server, request, path, user } = incoming;
  const review = findReview(path.group, path.version, path.plural);
  if (review !== undefined) return answerReview(review, request.method, user, request.body ?? nothing, request.headers['content-type']);
  if (path.plural === 'watch' && server.registry.hasVersion(path.group, path.version)) {
    throw notImplemented('paths below watch/ are not served here: ask for the collection with ?watch=true');
  }
  const resource = server.registry.find(path.group, path.version, path.plural);
  if (resource === undefined && path.group === '') throw noSuchResource();
  if (resource === undefined) return pageNotFound();
  if (resource.deprecation !== undefined) incoming.warn(resource.deprecation);
  checkAcceptable(request.headers['accept'], resource.custom, request.method === 'GET' && path.name === undefined);
  return dispatch(callOf(incoming, resource), path);
}

function callOf({ server, request, path, user, signal, warn }: Incoming, resource: Resource): Call {
  return {
    server,
    resource,
    ...(path.namespace === undefined || !resource.namespaced ? {} : { namespace: path.namespace }),
    ...(path.name === undefined ? {} : { name: path.name }),
    user,
    query: new Query(request.query),
    headers: request.headers,
    body: request.body ?? nothing,
    signal,
    warn,
    method: request.method,
  };
}

async function dispatch(call: Call, path: ResourcePath): Promise<Answer> {
  const { resource } = call;
  // A cluster-scoped kind has no collection in a namespace, and an object of a namespaced one is only there in its own.
  if (
    (path.namespace !== undefined && !resource.namespaced) ||
    (path.namespace === undefined && resource.namespaced && path.name !== undefined)
  ) {
    if (!resource.custom) throw noSuchResource();
    return pageNotFound();
  }
  if (path.subresource !== undefined) return onSubresource(call, path.subresource);
  return path.name === undefined ? onCollection(call) : onObject(call);
}

async function onCollection(call: Call): Promise<Answer> {
  const { method, resource, namespace, query } = call;
  if (method === 'GET' && query.flag('watch')) return watch(call);
  if (method === 'GET' || (method === 'HEAD' && resource.custom)) return list(call);
  // Over all namespaces one can only look.
  if (namespace === undefined && resource.namespaced) return resource.custom ? pageNotFound() : refuse(call);
  if (method === 'POST') return create(call);
  if (method === 'DELETE' && resource.verbs.includes('deletecollection')) return removeCollection(call);
  if (!resource.custom) return refuse(call);
  if (method === 'PUT') return update(call, 'main');
  return method === 'PATCH' ? patch(call, 'main') : refuse(call);
}

async function onObject(call: Call): Promise<Answer> {
  const { method, resource } = call;
  if (method === 'GET' || (method === 'HEAD' && resource.custom)) return get(call);
  if (!resource.verbs.includes('update')) return refuse(call);
  switch (method) {
    case 'PUT':
      return update(call, 'main');
    case 'PATCH':
      return patch(call, 'main');
    case 'DELETE':
      return remove(call);
    case 'POST':
      // The server of custom resources does not mind the name.
      return resource.custom ? create(call) : refuse(call);
    default:
      return refuse(call);
  }
}

const verbs: Readonly<Partial<Record<Call['method'], string>>> = {
  POST: 'create',
  DELETE: 'delete',
  PUT: 'update',
  PATCH: 'patch',
  GET: 'get',
};

/** @throws {ApiError} 405, which tells the kind and the verb where a custom resource is asked. */
function refuse({ resource, method, name }: Call): never {
  if (!resource.custom) throw methodNotAllowed();
  const verb = method === 'DELETE' && name === undefined ? 'deletecollection' : verbs[method];
  throw methodNotAllowed(resource, verb);
}

/** What real servers have and this one has not. Said in words, so that nobody searches for a mistake of their own. */
const absent: Readonly<Record<string, string>> = {
  'pods/log': 'logs of containers are not kept here: Pods are stored, and run by nobody',
  'pods/exec': 'commands can not be run in Pods here: Pods are stored, and run by nobody',
  'pods/attach': 'Pods can not be attached to here: Pods are stored, and run by nobody',
  'pods/portforward': 'ports of Pods can not be forwarded here: Pods are stored, and run by nobody',
  'pods/proxy': 'Pods can not be reached through this server',
  'pods/ephemeralcontainers': 'ephemeral containers can not be added here: Pods are stored, and run by nobody',
  'nodes/proxy': 'Nodes can not be reached through this server',
  'serviceaccounts/token': 'tokens of ServiceAccounts are not issued here: users and their tokens are given to the server when it starts',
};

async function onSubresource(call: Call, name: string): Promise<Answer> {
  const { resource } = call;
  const subresource = resource.subresources.get(name);
  if (subresource !== undefined) return serve(call, subresource);
  const why = resource.custom || resource.group !== '' ? undefined : absent[`${resource.plural}/${name.split('/')[0] ?? ''}`];
  if (why !== undefined) throw notImplemented(why);
  if (resource.custom) throw notFound(resource, call.name ?? '');
  throw noSuchResource();
}

async function serve(call: Call, subresource: Subresource): Promise<Answer> {
  const { method } = call;
  switch (subresource.name) {
    case 'binding':
      return post(call, bind);
    case 'eviction':
      return post(call, evict);
    case 'scale':
      if (method === 'GET') return getScale(call, subresource.paths);
      if (method === 'PUT' || method === 'PATCH') return writeScale(call, subresource.paths, method);
      return refuse(call);
    case 'finalize':
      if (method !== 'PUT') return refuse(call);
      return update(call, 'finalize');
    default:
      if (method === 'GET') return get(call);
      if (method === 'PUT') return update(call, subresource.name);
      if (method === 'PATCH') return patch(call, subresource.name);
      return refuse(call);
  }
}

function post(call: Call, verb: (call: Call) => Promise<Answer>): Promise<Answer> {
  if (call.method !== 'POST') return refuse(call);
  return verb(call);
}
