import { useState, type ComponentType } from 'react';
import type { Role } from '../../api/types';
import { useSession } from '../../app/session';
import { ScreenBar } from '../../components/ScreenBar';
import { FeedProvider } from '../../feed';
import { useKeyboard } from '../../keys';
import './admin.css';
import { AuditTab } from './AuditTab';
import { CamerasTab } from './CamerasTab';
import { PeopleTab } from './PeopleTab';
import { PortalTab } from './PortalTab';
import { SystemTab } from './SystemTab';
import { messages } from './text';
import { ZonesTab } from './ZonesTab';

interface Tab {
  name: 'cameras' | 'zones' | 'people' | 'portal' | 'audit' | 'system';
  roles: Role[];
  Body: ComponentType;
}

const TABS: readonly Tab[] = [
  { name: 'cameras', roles: ['admin'], Body: CamerasTab },
  { name: 'zones', roles: ['admin'], Body: ZonesTab },
  { name: 'people', roles: ['admin'], Body: PeopleTab },
  { name: 'portal', roles: ['admin', 'commander'], Body: PortalTab },
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

function Admin() {
  useKeyboard();
  const t = messages.use();
  const { has } = useSession();
  const tabs = TABS.filter((tab) => has(...tab.roles));
  const [open, setOpen] = useState(tabs[0]?.name ?? 'portal');
  const Body = tabs.find((tab) => tab.name === open)?.Body;
  return (
    <div className="admin">
      <ScreenBar />
      <nav className="ad-tabs" role="tablist">
        {tabs.map((tab) => (
          <button
            key={tab.name}
            type="button"
            role="tab"
            aria-selected={tab.name === open}
            onClick={() => setOpen(tab.name)}
            data-testid={`tab-${tab.name}`}
          >
            {t(`admin.tab.${tab.name}`)}
          </button>
        ))}
      </nav>
      <main className="ad-body">{Body && <Body />}</main>
    </div>
  );
}
