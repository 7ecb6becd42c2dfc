import type { TrackLink } from '../../api/analytics_models';
import { useFeed } from '../../feed';
import { SeenElsewhere } from '../../links/SeenElsewhere';
import { SeenThing } from '../../track';
import type { Item } from './item';

/** What else is known of the thing that was chosen: its best view, and where else it was probably seen. */
export function ChosenThing({ item, onLink }: { item: Item; onLink: (link: TrackLink) => void }) {
  const feed = useFeed();
  const uid = item.trackUid;
  if (!uid) return null;
  return (
    <div className="rv-about" data-testid="about">
      {item.event?.track && <SeenThing track={item.event.track} />}
      <SeenElsewhere track={uid} camera={(id) => feed.cameras.get(id)} onOpen={onLink} />
    </div>
  );
}
