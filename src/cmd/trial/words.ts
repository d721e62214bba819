/** What the trial says to the person in front of it. */

export interface Greeting {
  /** The kubeconfig, as one would type it. */
  readonly kubeconfig: string;
  /** There are no machines. */
  readonly empty: boolean;
}

/** The commands to type next. */
export function greeting({ kubeconfig, empty }: Greeting): string {
  const first = empty
    ? ['kubectl apply -f manifests/samples/               # a small shop', 'kubectl wait --for=condition=Ready hsvm --all -n shop']
    : [
        'kubectl get hsvm,hsvmi,hshost,node -o wide         # machines, their lives, hosts',
        'kubectl describe hsvm web-1                        # what it is, and why',
      ];
  const lines = [
    '',
    'In another terminal:',
    '',
    `  export KUBECONFIG=${kubeconfig}`,
    ...first.map((line) => `  ${line}`),
    `  kubectl patch hsvm cache -n shop --type merge -p '{"spec":{"powerState":"Suspended"}}'`,
    '  kubectl apply -f manifests/faults/power-loss.yaml  # host-1 loses its power for two minutes',
    '  kubectl get hsvm -n shop -w                        # watch what becomes of its machines',
    '  kubectl scale hostpool/host --replicas=200         # a larger fleet',
    '',
    'Ctrl-C stops it; npm start goes on where it stopped.',
    '',
  ];
  return `${lines.join('\n')}\n`;
}

export function farewell(directory: string): string {
  return `Stopped. Everything is kept in ${directory === '' ? '.' : directory}.`;
}
