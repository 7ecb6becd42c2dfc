import { number } from '../../i18n/format';
import { accounts, type Account } from './decoding';
import { messages } from './text';

const COLUMNS: Exclude<keyof Account, 'code' | 'effort'>[] = ['decoded', 'analysed', 'quiet', 'disposable', 'shed', 'broken'];

/** Per camera: how much of it is worked on now, which of its pictures were decoded, which were not, and why. */
export function Decoding({ facts }: { facts: Record<string, unknown> }) {
  const t = messages.use();
  const rows = accounts(facts);
  if (rows.length === 0) return null;
  return (
    <div className="ad-part">
      <h3>{t('decoding.title')}</h3>
      <p className="muted">{t('decoding.about')}</p>
      <div className="ad-scroll">
        <table className="ad-table ad-figures">
          <thead>
            <tr>
              <th>{t('decoding.camera')}</th>
              <th>{t('decoding.effort')}</th>
              {COLUMNS.map((name) => (
                <th key={name} title={t(`decoding.${name}.about`)}>
                  {t(`decoding.${name}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.code}>
                <td>{row.code}</td>
                <td>{t(`decoding.effort.${row.effort}`)}</td>
                {COLUMNS.map((name) => (
                  <td key={name}>{number(row[name], t.language)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
