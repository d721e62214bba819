/** What the three servers are told. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { certificates } from '../../src/net/certificates.ts';
import { fileDisk } from '../../src/system/file-disk.ts';

export interface Secrets {
  /** PEM text. */
  readonly ca: string;
  readonly caFile: string;
  readonly tokens: Readonly<Record<'admin' | 'system:kube-controller-manager', string>>;
}

export type AuditLevel = 'Metadata' | 'Request';

/** Writes certificates, tokens and the audit policy where the flags below look for them. */
export async function writeSecrets(folder: string, level: AuditLevel): Promise<Secrets> {
  const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text, { mode: 0o600 });
  const disk = fileDisk(join(folder, 'certificates'));
  await disk.lock();
  const tls = await certificates({ disk, names: ['127.0.0.1', 'localhost'], now: Date.now() });
  await disk.unlock();
  const tokens = { admin: randomBytes(16).toString('hex'), 'system:kube-controller-manager': randomBytes(16).toString('hex') };
  const accounts = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await write('ca.crt', tls.ca);
  await write('tls.crt', tls.cert);
  await write('tls.key', tls.key);
  await write('accounts.key', accounts.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  await write('accounts.pub', accounts.publicKey.export({ type: 'spki', format: 'pem' }).toString());
  await write(
    'tokens.csv',
    Object.entries(tokens)
      .map(([user, token]) => `${token},${user},${user}${user === 'admin' ? ',system:masters' : ''}\n`)
      .join(''),
  );
  await write('audit.yaml', JSON.stringify({ ...auditPolicy, rules: [{ level }] }));
  return { ca: tls.ca, caFile: join(folder, 'ca.crt'), tokens };
}

const auditPolicy = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', omitStages: ['RequestReceived'] };

export interface EtcdPlace {
  readonly folder: string;
  readonly url: string;
  readonly peerPort: number;
}

export function etcdFlags({ folder, url, peerPort }: EtcdPlace): string[] {
  const peers = `http://127.0.0.1:${String(peerPort)}`;
  return [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    `--listen-peer-urls=${peers}`,
    `--initial-advertise-peer-urls=${peers}`,
    `--initial-cluster=default=${peers}`,
    // As kubeadm has it: else kube-apiserver sends no bookmark of a kind of which nothing changes.
    '--watch-progress-notify-interval=5s',
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

export interface ApiserverPlace {
  readonly folder: string;
  readonly port: number;
  readonly etcdUrl: string;
  readonly auditLog: string | undefined;
}

export function apiserverFlags({ folder, port, etcdUrl, auditLog }: ApiserverPlace): string[] {
  return [
    `--etcd-servers=${etcdUrl}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${String(port)}`,
    `--cert-dir=${folder}`,
    `--tls-cert-file=${join(folder, 'tls.crt')}`,
    `--tls-private-key-file=${join(folder, 'tls.key')}`,
    `--token-auth-file=${join(folder, 'tokens.csv')}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${join(folder, 'accounts.pub')}`,
    `--service-account-signing-key-file=${join(folder, 'accounts.key')}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    '--endpoint-reconciler-type=none',
    '--allow-privileged=true',
    ...(auditLog === undefined ? [] : [`--audit-policy-file=${join(folder, 'audit.yaml')}`, `--audit-log-path=${auditLog}`]),
  ];
}

/** Those that touch what Hypersphere makes; there is no scheduler, and no workload controller has anything to do. */
const controllers = [
  'clusterrole-aggregation-controller',
  'garbage-collector-controller',
  'namespace-controller',
  'node-lifecycle-controller',
  'pod-garbage-collector-controller',
  'serviceaccount-controller',
  'serviceaccount-token-controller',
  'taint-eviction-controller',
];

export function controllerManagerFlags({ folder, kubeconfig }: { readonly folder: string; readonly kubeconfig: string }): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--controllers=${controllers.join(',')}`,
    `--service-account-private-key-file=${join(folder, 'accounts.key')}`,
    '--use-service-account-credentials=true',
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
    '--secure-port=0',
  ];
}
