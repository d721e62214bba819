/** What the trial says to the person in front of it. */

export interface Greeting {
  /** The absolute path of the kubeconfig. */
  readonly kubeconfig: string;
  /** The absolute path of the project, in which the manifests are. */
  readonly project: string;
  /** There are no machines. */
  readonly empty: boolean;
  /** Machines that are not as they should be, as `namespace/name`. */
  readonly missing: readonly string[];
}

/** The commands to type next, in whatever folder. */
export function greeting({ kubeconfig, project, empty, missing }: Greeting): string {
  const file = (name: string): string => quoted(`${project}/manifests/${name}`);
  const first = empty
    ? [`kubectl apply -f ${file('samples/')}`, 'kubectl wait --for=condition=Ready hsvm --all -n shop']
    : [
        'kubectl get hsvm,hsvmi,hshost,node -n shop -o wide  # machines, their lives, hosts',
        'kubectl describe hsvm web-1 -n shop                 # what it is, and why',
      ];
  const [stuck] = missing;
  const [namespace = '', name = ''] = stuck?.split('/') ?? [];
  const waiting = `Not ready yet: ${missing.slice(0, 5).join(', ')}${missing.length > 5 ? ', …' : ''}. Why: kubectl describe hsvm ${name} -n ${namespace}`;
  const lines = [
    ...(stuck === undefined ? [] : ['', waiting]),
    '',
    'In another terminal:',
    '',
    `  export KUBECONFIG=${quoted(kubeconfig)}`,
    ...first.map((line) => `  ${line}`),
    `  kubectl patch hsvm cache -n shop --type merge -p '{"spec":{"powerState":"Suspended"}}'`,
    `  kubectl scale hostpool/host --replicas=200          # a larger fleet`,
    `  kubectl apply -f ${file('faults/power-loss.yaml')}`,
    '  kubectl get hsvm -n shop -w                         # host-1 is without power for two minutes: what becomes of its machines',
    '',
    'Ctrl-C stops it; npm start goes on where it stopped.',
    '',
  ];
  return `${lines.join('\n')}\n`;
}

/** What to do on a cluster of one's own. */
export function clusterGreeting({ kubeconfig, project }: Pick<Greeting, 'kubeconfig' | 'project'>): string {
  const file = (name: string): string => quoted(`${project}/manifests/${name}`);
  const lines = [
    'Operator and simulated hosts run on the cluster of this kubeconfig. In another terminal:',
    '',
    `  export KUBECONFIG=${quoted(kubeconfig)}`,
    '  kubectl get hostpool,hshost,hsvm -A                 # what is there (npm start -- --cluster FILE --hosts 8 makes hosts)',
    `  kubectl apply -f ${file('samples/')}`,
    '',
    'Ctrl-C stops both, and leaves on the cluster what is there.',
    '',
  ];
  return lines.join('\n');
}

export const clusterFarewell = 'Stopped. What was on the cluster is still there.';

export function farewell(directory: string): string {
  return `Stopped. Everything is kept in ${directory}.`;
}

/** As a shell takes it. */
function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
