/** What a port may do, put together from those who may say something of it: field by field, the nearest that says something counts. */
import type { EffectivePort, Shaper } from '../api/effective-port.ts';
import type { PortPolicy, ShaperPolicy } from '../api/port-policy.ts';
import { bytes } from '../base/quantity.ts';

/** Nearest first: port, group, switch. */
export type Policies = readonly (PortPolicy | undefined)[];

type Said = string | number | undefined;

/** bit/s that no wire has: a peak that is lifted. */
const lifted = 1e12;
/** Bytes that an Ethernet header with one tag adds to a frame. */
const header = 18;

export function shapingOf(policies: Policies, mtu: number): EffectivePort['shaping'] {
  const ingress = shaperOf(
    policies.map((policy) => policy?.shaping?.ingress),
    mtu,
  );
  const egress = shaperOf(
    policies.map((policy) => policy?.shaping?.egress),
    mtu,
  );
  return { ...(ingress === undefined ? {} : { ingress }), ...(egress === undefined ? {} : { egress }) };
}

/** Undefined: it is not shaped. A bucket holds at least one frame, or nothing would ever pass. */
function shaperOf(policies: readonly (ShaperPolicy | undefined)[], mtu: number): Shaper | undefined {
  const average = nearest(policies.map((policy) => policy?.average));
  if (average === undefined || average === 'Unlimited') return undefined;
  const rate = bytes(String(average));
  const peak = nearest(policies.map((policy) => policy?.peak));
  const burst = nearest(policies.map((policy) => policy?.burst));
  const wished = burst === undefined ? Math.floor(rate / 80) : bytes(String(burst));
  return { average: rate, peak: Math.max(rate, peakOf(peak, rate)), burst: Math.max(mtu + header, wished) };
}

function peakOf(peak: Said, average: number): number {
  if (peak === undefined) return average;
  return peak === 'Unlimited' ? lifted : bytes(String(peak));
}

export function securityOf(policies: Policies): EffectivePort['security'] {
  const said = (field: keyof EffectivePort['security']): boolean => nearest(policies.map((policy) => policy?.security?.[field])) ?? false;
  return { promiscuous: said('promiscuous'), macChanges: said('macChanges'), forgedTransmits: said('forgedTransmits') };
}

function nearest<T>(values: readonly (T | undefined)[]): T | undefined {
  return values.find((value) => value !== undefined);
}
