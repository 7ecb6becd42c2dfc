import type { Zone, ZoneIn } from '../../../api/types';
import type { Proposal } from '../../../zones/api';

/** The zone as it would be with the proposal, to be tried. An area to ignore goes beside it. */
export function withProposal(zone: Zone, made: Proposal): ZoneIn {
  const { id: _id, version: _version, ...rest } = zone;
  const changed: ZoneIn = { ...rest, classes: zone.classes as ZoneIn['classes'], direction: zone.direction as ZoneIn['direction'] };
  switch (made.kind) {
    case 'min_size':
      return { ...changed, min_size_m: made.number ?? zone.min_size_m };
    case 'dwell':
      return { ...changed, dwell_s: made.number };
    case 'threshold':
      return { ...changed, threshold: made.number };
    case 'schedule':
      return { ...changed, schedule: made.schedule };
    case 'ignore':
      return changed;
  }
}
