/** What switch, group and VM may say of a port, each field inherited on its own; and what a port counts. */
import { boolean, byteQuantity, integer, object, optional, quantityOrUnlimited, type Static } from './schema.ts';

const shaper = (description: string) =>
  object(
    description,
    {
      average: optional(quantityOrUnlimited('bit/s in the long run, such as 100M. Unlimited: not shaped.', '8k', '1T')),
      peak: optional(
        quantityOrUnlimited(
          'bit/s at most, while burst lasts. Absent everywhere, or lower than the average from elsewhere: the average.',
          '8k',
          '1T',
        ),
      ),
      burst: optional(
        byteQuantity('Bytes that may exceed the average. Absent everywhere: what the average lets pass in 100 ms.', '1500', '1Gi'),
      ),
    },
    [
      {
        rule: "!has(self.average) || !has(self.peak) || string(self.average) == 'Unlimited' || string(self.peak) == 'Unlimited' || quantity(string(self.peak)).compareTo(quantity(string(self.average))) >= 0",
        message: 'peak must not be lower than average',
        fieldPath: '.peak',
      },
      {
        rule: "!has(self.average) || string(self.average) != 'Unlimited' || !has(self.peak) || string(self.peak) == 'Unlimited'",
        message: 'what has no average has no peak: leave it out',
        fieldPath: '.peak',
      },
    ],
  );

export const portPolicy = (description: string) =>
  object(description, {
    shaping: optional(
      object("Bandwidth, in the guest's directions.", {
        ingress: optional(shaper('What comes to the guest.')),
        egress: optional(shaper('What leaves the guest.')),
      }),
    ),
    security: optional(
      object('What a guest may pretend. Absent everywhere: nothing.', {
        promiscuous: optional(boolean('It is given frames for others of its VLAN.')),
        macChanges: optional(boolean('It may receive for a MAC that is not its own.')),
        forgedTransmits: optional(boolean('It may send with a MAC or an address that is not its own.')),
      }),
    ),
  });
export type PortPolicy = Static<ReturnType<typeof portPolicy>>;
export type ShaperPolicy = Static<ReturnType<typeof shaper>>;

const count = (description: string) => integer(description, 0, Number.MAX_SAFE_INTEGER);

/** Counters of a port since it was made: they never go back. */
export const portCounters = {
  receivedFrames: count('Frames that came to the guest.'),
  receivedBytes: count('Their bytes.'),
  sentFrames: count('Frames that the guest sent.'),
  sentBytes: count('Their bytes.'),
  droppedFrames: count('Frames, either way, that the port refused.'),
};
