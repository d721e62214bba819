/** What roles grant to a service account, one verb on one resource at a time. */
import { nameOf, ofKind, type Applied } from './kustomize.ts';

export interface Rule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly verbs: readonly string[];
}

export interface Role extends Applied {
  readonly rules: readonly Rule[];
}

export interface Binding extends Applied {
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects: readonly { readonly kind: string; readonly name: string; readonly namespace?: string }[];
}

export interface Grant {
  readonly verb: string;
  readonly group: string;
  /** With its subresource: `hosts/status`. */
  readonly resource: string;
  /** Absent: all names. */
  readonly name?: string;
  /** Absent: everywhere. */
  readonly namespace?: string;
}

/** Such as `patch hypersphere.io hosts/status`. */
export function words({ verb, group, resource, name, namespace }: Grant): string {
  return [verb, group, resource, name === undefined ? '' : `"${name}"`, namespace === undefined ? '' : `in ${namespace}`]
    .filter((word) => word !== '')
    .join(' ');
}

/** All that the bindings among `objects` grant to a service account of hypersphere-system. */
export function grantsOf(objects: readonly Applied[], account: string): Grant[] {
  return bindings(objects)
    .filter(({ subjects }) => subjects.some(({ kind, name }) => kind === 'ServiceAccount' && name === account))
    .flatMap((binding) => {
      const { namespace } = binding.metadata;
      return roleOf(objects, binding).rules.flatMap((rule) => grantsOfRule(rule, namespace));
    });
}

export function bindings(objects: readonly Applied[]): Binding[] {
  return [...ofKind<Binding>(objects, 'ClusterRoleBinding'), ...ofKind<Binding>(objects, 'RoleBinding')];
}

export function roles(objects: readonly Applied[]): Role[] {
  return [...ofKind<Role>(objects, 'ClusterRole'), ...ofKind<Role>(objects, 'Role')];
}

/** @throws {Error} when what the binding refers to is not there. */
export function roleOf(objects: readonly Applied[], binding: Binding): Role {
  const { kind, name } = binding.roleRef;
  const namespace = kind === 'Role' ? binding.metadata.namespace : undefined;
  const found = roles(objects).find((role) => role.kind === kind && role.metadata.name === name && role.metadata.namespace === namespace);
  if (found === undefined) throw new Error(`${nameOf(binding)} refers to a ${kind} ${name}, which is not there`);
  return found;
}

function grantsOfRule(
  { apiGroups = [], resources = [], resourceNames = [undefined as string | undefined], verbs }: RuleOfNames,
  namespace?: string,
): Grant[] {
  const place = namespace === undefined ? {} : { namespace };
  return verbs.flatMap((verb) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        resourceNames.map((name) => ({ verb, group, resource, ...(name === undefined ? {} : { name }), ...place })),
      ),
    ),
  );
}

type RuleOfNames = Omit<Rule, 'resourceNames'> & { readonly resourceNames?: readonly (string | undefined)[] };
