import { useEffect, useState } from 'react';
import { admin } from '../../api/endpoints';
import type { Role, User } from '../../api/types';
import { Dialog } from '../../components/Dialog';
import { ErrorNotice } from '../../components/ErrorNotice';
import { useFeed, useRows } from '../../feed';
import { named, useText } from '../../i18n';
import { AddBar, Check, EditButton, Field, Table, TextField } from './parts';
import { messages } from './text';

const ROLES: readonly Role[] = ['dispatcher', 'commander', 'reviewer', 'responder', 'admin'];

export function PeopleTab() {
  const t = messages.use();
  const shared = useText();
  const feed = useFeed();
  const units = useRows(feed.units);
  const [people, setPeople] = useState<User[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [editing, setEditing] = useState<User | 'new' | null>(null);
  const load = async () => {
    try {
      setPeople(await admin.users());
      setError(null);
    } catch (problem) {
      setError(problem);
    }
  };
  useEffect(() => {
    void load();
  }, []);
  return (
    <>
      <AddBar label={t('people.add')} onClick={() => setEditing('new')} />
      {error !== null && <ErrorNotice error={error} onRetry={() => void load()} />}
      <Table heads={[t('people.name'), t('people.display_name'), t('people.roles'), t('people.cameras'), t('people.unit'), t('people.active'), null]}>
        {people.map((person) => (
          <tr key={person.id}>
            <td>{person.name}</td>
            <td>{person.display_name}</td>
            <td>{person.roles.map((role) => shared(`role.${role}`)).join(' · ')}</td>
            <td>{person.camera_ids === null ? t('people.cameras_all') : person.camera_ids.map((id) => feed.cameras.get(id)?.code ?? id).join(', ')}</td>
            <td>{units.find((unit) => unit.id === person.unit_id)?.code ?? '–'}</td>
            <td>{t(person.active ? 'admin.yes' : 'admin.no')}</td>
            <td>
              <EditButton onClick={() => setEditing(person)} />
            </td>
          </tr>
        ))}
      </Table>
      {editing && (
        <PersonForm
          key={editing === 'new' ? 0 : editing.id}
          person={editing === 'new' ? null : editing}
          onClose={(changed) => {
            setEditing(null);
            if (changed) void load();
          }}
        />
      )}
    </>
  );
}

function PersonForm({ person, onClose }: { person: User | null; onClose: (changed: boolean) => void }) {
  const t = messages.use();
  const shared = useText();
  const feed = useFeed();
  const cameras = [...useRows(feed.cameras)].sort((a, b) => a.code.localeCompare(b.code));
  const units = [...useRows(feed.units)].sort((a, b) => a.code.localeCompare(b.code));
  const [name, setName] = useState(person?.name ?? '');
  const [shown, setShown] = useState(person?.display_name ?? '');
  const [password, setPassword] = useState('');
  const [roles, setRoles] = useState<readonly Role[]>(person?.roles ?? ['dispatcher']);
  const [confined, setConfined] = useState<readonly number[] | null>(person?.camera_ids ?? null);
  const [unit, setUnit] = useState<number | null>(person?.unit_id ?? null);
  const [active, setActive] = useState(person?.active ?? true);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    setError(null);
    try {
      if (person) {
        await admin.changeUser(person.id, {
          expected_version: person.version,
          display_name: shown,
          roles: [...roles],
          unit_id: unit,
          active,
          ...(confined === null ? { all_cameras: true } : { camera_ids: [...confined] }),
          ...(password ? { password } : {}),
        });
      } else {
        await admin.addUser({
          name,
          display_name: shown || name,
          password,
          roles: [...roles],
          camera_ids: confined === null ? null : [...confined],
          unit_id: unit,
          language: t.language,
        });
      }
      onClose(true);
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  const flip = <T,>(list: readonly T[], item: T, on: boolean) => (on ? [...list, item] : list.filter((each) => each !== item));
  return (
    <Dialog
      wide
      title={person ? t('people.edit', { name: person.name }) : t('people.add')}
      onClose={() => onClose(false)}
      onSubmit={() => void save()}
      footer={
        <>
          <button type="button" className="button" onClick={() => onClose(false)}>
            {shared('action.cancel')}
          </button>
          <button type="submit" className="button primary" disabled={busy || roles.length === 0}>
            {shared('action.save')}
          </button>
        </>
      }
    >
      {error !== null && <ErrorNotice error={error} thing={name} onReload={() => onClose(true)} />}
      <div className="ad-form">
        <TextField label={t('people.name')} value={name} required disabled={person !== null} pattern="[A-Za-z0-9._\-]{2,32}" onChange={setName} />
        <TextField label={t('people.display_name')} value={shown} maxLength={64} onChange={setShown} />
        <TextField
          label={t(person ? 'people.password_new' : 'people.password')}
          type="password"
          value={password}
          required={!person}
          onChange={setPassword}
        />
        <Field label={t('people.unit')}>
          <select className="input" value={unit ?? ''} onChange={(event) => setUnit(event.target.value ? Number(event.target.value) : null)}>
            <option value="">{t('people.unit_none')}</option>
            {units.map((each) => (
              <option key={each.id} value={each.id}>
                {each.code} {named(t.language, each)}
              </option>
            ))}
          </select>
        </Field>
      </div>
      <div className="ad-flags">
        {ROLES.map((role) => (
          <Check key={role} label={shared(`role.${role}`)} checked={roles.includes(role)} onChange={(on) => setRoles(flip(roles, role, on))} />
        ))}
        {person && <Check label={t('people.active')} checked={active} onChange={setActive} />}
      </div>
      <div>
        <Check label={t('people.cameras_all')} checked={confined === null} onChange={(all) => setConfined(all ? null : [])} />
        {confined !== null && (
          <div className="ad-flags">
            {cameras.map((camera) => (
              <Check
                key={camera.id}
                label={`${camera.code} ${named(t.language, camera)}`}
                checked={confined.includes(camera.id)}
                onChange={(on) => setConfined(flip(confined, camera.id, on))}
              />
            ))}
          </div>
        )}
      </div>
    </Dialog>
  );
}
