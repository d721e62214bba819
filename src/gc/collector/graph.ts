import type { KubeObject, OwnerReference } from '../../meta/objects.ts';
import type { ResourceType } from '../../meta/resource.ts';
import { groupOf } from '../discovery.ts';

export const foregroundFinalizer = 'foregroundDeletion';
export const orphanFinalizer = 'orphan';

/** One object, as far as ownership goes. */
export interface GraphNode {
  readonly uid: string;
  readonly type: ResourceType;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly owners: readonly OwnerReference[];
  readonly deleting: boolean;
  /** It goes when the dependents that block it have gone. */
  readonly foreground: boolean;
  /** It goes when its dependents have been let go. */
  readonly orphaning: boolean;
}

/** Who owns whom, by uid. Owners may be named that nobody has seen. */
export interface Graph {
  get(uid: string): GraphNode | undefined;
  dependentsOf(uid: string): GraphNode[];
  /** Takes in an object as it is now. Gives the uids that are to be looked at because of it. */
  put(node: GraphNode): string[];
  /** Takes out an object that is gone. Gives the uids that are to be looked at because of it. */
  remove(uid: string): string[];
  size(): number;
}

export function graph(): Graph {
  const nodes = new Map<string, GraphNode>();
  const dependents = new Map<string, Set<string>>();

  const present = (uids: Iterable<string>): GraphNode[] => {
    const found: GraphNode[] = [];
    for (const uid of uids) {
      const node = nodes.get(uid);
      if (node !== undefined) found.push(node);
    }
    return found;
  };
  const dependentsOf = (uid: string): GraphNode[] => present(dependents.get(uid) ?? []);
  const link = (before: readonly OwnerReference[], after: readonly OwnerReference[], uid: string): void => {
    for (const owner of before) {
      const all = dependents.get(owner.uid);
      all?.delete(uid);
      if (all?.size === 0) dependents.delete(owner.uid);
    }
    for (const owner of after) {
      const all = dependents.get(owner.uid);
      if (all === undefined) dependents.set(owner.uid, new Set([uid]));
      else all.add(uid);
    }
  };
  const waitingOwners = (...lists: (readonly OwnerReference[])[]): string[] =>
    present(lists.flat().map((owner) => owner.uid))
      .filter((owner) => owner.foreground)
      .map((owner) => owner.uid);

  return {
    get: (uid) => nodes.get(uid),
    dependentsOf,
    put(node) {
      const before = nodes.get(node.uid);
      nodes.set(node.uid, node);
      link(before?.owners ?? [], node.owners, node.uid);
      const look = waitingOwners(before?.owners ?? [], node.owners);
      const started = node.foreground && before?.foreground !== true;
      if (started) look.push(...dependentsOf(node.uid).map((dependent) => dependent.uid));
      if (node.foreground || node.orphaning || !hasAllOwners(node, nodes)) look.push(node.uid);
      return look;
    },
    remove(uid) {
      const before = nodes.get(uid);
      if (before === undefined) return [];
      nodes.delete(uid);
      link(before.owners, [], uid);
      return [...dependentsOf(uid).map((dependent) => dependent.uid), ...waitingOwners(before.owners)];
    },
    size: () => nodes.size,
  };
}

/** Whether every owner that `node` names is there as named, and means to stay: then there is nothing to do for it. */
export function hasAllOwners(node: GraphNode, among: { get(uid: string): GraphNode | undefined }): boolean {
  return node.owners.every((reference) => {
    const owner = among.get(reference.uid);
    return owner !== undefined && !owner.foreground && isAsNamed(reference, owner, node);
  });
}

/** A uid alone proves nothing: a reference may name another kind, or reach into another namespace. */
function isAsNamed(reference: OwnerReference, owner: GraphNode, dependent: GraphNode): boolean {
  const reachable = owner.namespace === undefined || owner.namespace === dependent.namespace;
  return (
    reachable && owner.name === reference.name && owner.type.kind === reference.kind && owner.type.group === groupOf(reference.apiVersion)
  );
}

/** What the graph keeps of `object`. */
export function nodeOf(type: ResourceType, { metadata }: KubeObject): GraphNode {
  const deleting = metadata.deletionTimestamp !== undefined;
  const finalizers = metadata.finalizers ?? [];
  return {
    uid: metadata.uid,
    type,
    name: metadata.name,
    namespace: metadata.namespace,
    owners: metadata.ownerReferences ?? [],
    deleting,
    foreground: deleting && finalizers.includes(foregroundFinalizer),
    orphaning: deleting && finalizers.includes(orphanFinalizer),
  };
}
