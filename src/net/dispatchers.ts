import { buildConnector, Pool, ProxyAgent, type Dispatcher } from 'undici';

/** How to reach and trust a server. PEM text throughout. */
export interface Endpoint {
  /** `https://host:port`, perhaps with a path that goes before every request's. */
  readonly server: string;
  /** Whom to believe about the server's certificate. Default: the certificate authorities that Node brings. */
  readonly ca?: string;
  /** A client certificate with its key. */
  readonly cert?: string;
  readonly key?: string;
  /** Believe any certificate. */
  readonly insecure?: boolean;
  /** The name that the server's certificate must have, and SNI, when it is not the host in `server`. */
  readonly serverName?: string;
  /** `http://`, `https://` or `socks5://` proxy, perhaps with user and password. */
  readonly proxy?: string;
}

export interface PoolLimits {
  /** Connections at most; requests beyond it wait their turn. Absent: as many as are asked for at once. */
  readonly connections?: number;
  readonly connectTimeout: number;
  /** Milliseconds within which the head of an answer, and then each further piece, must come; 0: any time. */
  readonly answerTimeout: number;
}

/** Connections idle longer than this are closed: shorter than any Kubernetes API server's own patience (90 s), so that it is never the server who hangs up while a request is on its way. */
const keepAlive = 60_000;

/** Makes pools to one endpoint that share its TLS sessions. */
export function poolMaker(endpoint: Endpoint): (limits: PoolLimits) => Dispatcher {
  const tls = tlsOptions(endpoint);
  const { origin } = new URL(endpoint.server);
  let connector: buildConnector.connector | undefined;
  return (limits) => {
    const options: Pool.Options = {
      allowH2: false,
      pipelining: 1,
      connections: limits.connections ?? null,
      keepAliveTimeout: keepAlive,
      headersTimeout: limits.answerTimeout,
      bodyTimeout: limits.answerTimeout,
    };
    if (endpoint.proxy !== undefined) return proxied(endpoint.proxy, tls, { ...options, connectTimeout: limits.connectTimeout });
    connector ??= buildConnector({ ...tls, timeout: limits.connectTimeout });
    return new Pool(origin, { ...options, connect: connector });
  };
}

function proxied(uri: string, requestTls: buildConnector.BuildOptions, options: Pool.Options): Dispatcher {
  return new ProxyAgent({ ...options, uri, requestTls, proxyTls: { allowH2: false }, proxyTunnel: true });
}

function tlsOptions(endpoint: Endpoint): buildConnector.BuildOptions {
  return {
    allowH2: false,
    ...(endpoint.ca === undefined ? {} : { ca: endpoint.ca }),
    ...(endpoint.cert === undefined ? {} : { cert: endpoint.cert }),
    ...(endpoint.key === undefined ? {} : { key: endpoint.key }),
    ...(endpoint.serverName === undefined ? {} : { servername: endpoint.serverName }),
    ...(endpoint.insecure === true ? { rejectUnauthorized: false } : {}),
  };
}
