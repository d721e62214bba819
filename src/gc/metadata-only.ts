import type { ApiRequest, ControlPlane } from '../meta/control-plane.ts';
import { discoveryAccept } from './discovery.ts';

const object = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const list = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/**
 * The same control plane, asked for nothing but metadata: no `spec`, no `status` crosses the wire. Servers refuse the form of a list for
 * one object and the other way round, so the form follows from the path.
 */
export function metadataOnly(controlPlane: ControlPlane): ControlPlane {
  return (request, signal) => {
    const accept = acceptFor(request);
    return controlPlane(accept === undefined ? request : { ...request, headers: { ...request.headers, accept } }, signal);
  };
}

function acceptFor({ method, path, query }: ApiRequest): string | undefined {
  const segments = path.split('/').slice(1);
  if (segments.length === 1) return discoveryAccept;
  if (method === 'DELETE') return undefined;
  if (query.some(([name]) => name === 'watch')) return object;
  // What is left after /api/v1 or /apis/group/version, without a namespace around it, is a collection alone or with a name.
  const rest = segments.slice(segments[0] === 'api' ? 2 : 3);
  const inner = rest[0] === 'namespaces' && rest.length > 2 ? rest.slice(2) : rest;
  return inner.length === 1 ? list : object;
}
