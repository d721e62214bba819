/** Whose NIC it is: what MAC and address are derived from, so that a VM restored from Git finds the same ones. */
export interface Nic {
  readonly switch: string;
  readonly namespace: string;
  readonly virtualMachine: string;
  readonly network: string;
}

export function wordsOf(nic: Nic): string {
  return [nic.switch, nic.namespace, nic.virtualMachine, nic.network].join('/');
}
