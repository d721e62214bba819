/** Who a kubeconfig's user is, as client-node's authenticators find out. */
import type { KubeConfig } from '@kubernetes/client-node';

/** Of this moment. */
export interface Identity {
  /** The bearer token. */
  readonly token?: string;
  /** A client certificate with its key, PEM text. */
  readonly cert?: string;
  readonly key?: string;
  /** Basic authorization, and on whose behalf: names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whom to believe about the server's certificate, PEM text. */
  readonly ca?: string;
}

/** Asks the authenticators, which may run a plug-in or read files. @throws what they say. */
export async function identityOf(config: KubeConfig): Promise<Identity> {
  const options: { ca?: unknown; cert?: unknown; key?: unknown; auth?: unknown; headers: Record<string, string> } = { headers: {} };
  await config.applyToHTTPSOptions(options as Parameters<KubeConfig['applyToHTTPSOptions']>[0]);
  const { Authorization: authorization = '', ...others } = options.headers;
  const token = /^Bearer (.+)$/.exec(authorization)?.[1];
  const basic = typeof options.auth === 'string' ? { authorization: `Basic ${Buffer.from(options.auth).toString('base64')}` } : {};
  const headers = Object.fromEntries(Object.entries(others).map(([name, value]) => [name.toLowerCase(), value]));
  return {
    ...(token === undefined ? {} : { token }),
    ...text('ca', options.ca),
    ...text('cert', options.cert),
    ...text('key', options.key),
    headers: { ...headers, ...basic },
  };
}

/** Files come as bytes, what a plug-in says as text. */
function text<K extends string>(name: K, value: unknown): { [key in K]?: string } {
  if (typeof value === 'string') return { [name]: value } as { [key in K]?: string };
  return Buffer.isBuffer(value) ? ({ [name]: value.toString('utf8') } as { [key in K]?: string }) : {};
}
