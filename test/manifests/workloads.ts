/** The Pods that a cluster would run, as the commands that their containers are. */
import { ofKind, type Applied } from './kustomize.ts';

export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly env?: readonly { readonly name: string; readonly valueFrom: { readonly fieldRef: { readonly fieldPath: string } } }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

export interface Workload extends Applied {
  readonly spec: {
    readonly replicas: number;
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly serviceAccountName: string;
        readonly securityContext: Readonly<Record<string, unknown>>;
        readonly containers: readonly Container[];
        readonly volumes?: readonly { readonly name: string }[];
      };
    };
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
  };
}

export function workloads(objects: readonly Applied[]): Workload[] {
  return [...ofKind<Workload>(objects, 'Deployment'), ...ofKind<Workload>(objects, 'StatefulSet')];
}

/** The one container of a workload. */
export function containerOf({ metadata, spec }: Workload): Container {
  const [container, ...others] = spec.template.spec.containers;
  if (container === undefined || others.length > 0) throw new Error(`${metadata.name} has not one container`);
  return container;
}

/** What a kubelet knows of a Pod. */
export interface Pod {
  /** By field path: `metadata.name`, `status.podIP`. */
  readonly fields: Readonly<Record<string, string>>;
  /** Where its volumes are on this machine, by name. */
  readonly volumes: Readonly<Record<string, string>>;
}

/** The environment and arguments of a container as a kubelet makes them. @throws {Error} for a field, variable or volume that is not there. */
export function commandOf(container: Container, pod: Pod): { readonly args: string[]; readonly env: Record<string, string> } {
  const known = (from: Readonly<Record<string, string>>, name: string): string => {
    const value = from[name];
    if (value === undefined) throw new Error(`container ${container.name}: there is no ${name}`);
    return value;
  };
  const env = Object.fromEntries(
    (container.env ?? []).map(({ name, valueFrom }) => [name, known(pod.fields, valueFrom.fieldRef.fieldPath)]),
  );
  const expanded = container.args.map((arg) => arg.replace(/\$\((\w+)\)/g, (_, name: string) => known(env, name)));
  // A process has no mounts of its own: it is told the place itself.
  const args = (container.volumeMounts ?? []).reduce(
    (before, { name, mountPath }) => before.map((arg) => arg.replace(mountPath, known(pod.volumes, name))),
    expanded,
  );
  return { args, env };
}
