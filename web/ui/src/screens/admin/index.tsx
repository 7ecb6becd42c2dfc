import { useState, type ComponentType } from 'react';
import type { Role } from '../../api/types';
import { useSession } from '../../app/session';
import { useTitle } from '../../app/title';
import { ScreenBar } from '../../components/ScreenBar';
import { onTabKey } from '../../components/tabKeys';
import { FeedProvider } from '../../feed';
import { useKeyboard } from '../../keys';
import './admin.css';
import './forms.css';
import './storage.css';
import './models.css';
import { AuditTab } from './AuditTab';
import { CamerasTab } from './CamerasTab';
import { MasksTab } from './MasksTab';
import { ModelsTab } from './ModelsTab';
import { NoiseTab } from './noise';
import { PeopleTab } from './PeopleTab';
import { PortalTab } from './PortalTab';
import { StorageTab } from './StorageTab';
import { SystemTab } from './SystemTab';
import { messages } from './text';
import { ZonesTab } from './zones';

interface Tab {
  name: 'cameras' | 'zones' | 'masks' | 'noise' | 'models' | 'people' | 'portal' | 'storage' | 'audit' | 'system';
  roles: Role[];
  Body: ComponentType;
}

const TABS: readonly Tab[] = [
  { name: 'cameras', roles: ['admin'], Body: CamerasTab },
  { name: 'zones', roles: ['admin'], Body: ZonesTab },
  { name: 'masks', roles: ['admin'], Body: MasksTab },
  { name: 'noise', roles: ['admin'], Body: NoiseTab },
  { name: 'models', roles: ['admin'], Body: ModelsTab },
  { name: 'people', roles: ['admin'], Body: PeopleTab },
  { name: 'portal', roles: ['admin', 'commander'], Body: PortalTab },
  { name: 'storage', roles: ['admin'], Body: StorageTab },
  { name: 'audit', roles: ['admin'], Body: AuditTab },
  { name: 'system', roles: ['admin', 'commander'], Body: SystemTab },
];

export default function AdminScreen() {
  return (
    <FeedProvider>
      <Admin />
    </FeedProvider>
  );
}

/** On a narrow screen the tabs scroll: the open one is seen. */
function intoView(node: HTMLElement | null) {
  node?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

function Admin() {
  useTitle('admin');
  useKeyboard();
  const t = messages.use();
  const { has } = useSession();
  const tabs = TABS.filter((tab) => has(...tab.roles));
  const asked = new URLSearchParams(location.search).get('tab');
  const [open, setOpen] = useState(tabs.find((tab) => tab.name === asked)?.name ?? tabs[0]?.name ?? 'portal');
  const Body = tabs.find((tab) => tab.name === open)?.Body;
  return (
    <div className="admin">
      <ScreenBar />
      <main className="ad-main">
        <div className="ad-tabs" role="tablist" aria-label={t('admin.tabs')} onKeyDown={onTabKey}>
          {tabs.map((tab) => (
            <button
              key={tab.name}
              type="button"
              role="tab"
              id={`admin-tab-${tab.name}`}
              aria-controls="admin-panel"
              aria-selected={tab.name === open}
              tabIndex={tab.name === open ? 0 : -1}
              ref={tab.name === open ? intoView : undefined}
              onClick={() => setOpen(tab.name)}
              data-testid={`tab-${tab.name}`}
            >
              {t(`admin.tab.${tab.name}`)}
            </button>
          ))}
        </div>
        <div className="ad-body" role="tabpanel" id="admin-panel" aria-labelledby={`admin-tab-${open}`}>
          {Body && <Body />}
        </div>
      </main>
    </div>
  );
}
