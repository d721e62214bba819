import { dump } from 'js-yaml';

export interface KubeconfigParts {
  /** `https://host:port`. */
  readonly server: string;
  /** PEM text. */
  readonly ca: string;
  readonly token: string;
  readonly user: string;
  /** Names the cluster and the context. */
  readonly cluster: string;
  /** The namespace of the context; absent: `default`. */
  readonly namespace?: string;
}

/** A kubeconfig with one context, as YAML. It has the token in it: keep it to its owner. */
export function kubeconfigFor({ server, ca, token, user, cluster, namespace }: KubeconfigParts): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: cluster, cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: cluster, context: { cluster, user, ...(namespace === undefined ? {} : { namespace }) } }],
    'current-context': cluster,
  };
  // kubectl reads YAML 1.1: quoted strings are the same in both.
  return dump(config, { lineWidth: -1, forceQuotes: true });
}
