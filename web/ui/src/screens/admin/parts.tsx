/** Small pieces of the administrators' forms. */
import { Pencil, Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { ApiError } from '../../api/client';
import { getLanguage } from '../../i18n';
import { sentence } from '../../said';
import { messages } from './text';

interface FieldProps {
  label: string;
  hint?: string;
  /** What the server found wrong with it. */
  problem?: string | undefined;
  children: ReactNode;
}

export function Field({ label, hint, problem, children }: FieldProps) {
  return (
    <label className="field">
      <span className="label">{label}</span>
      {children}
      {problem && (
        <span className="problem" role="alert">
          {problem}
        </span>
      )}
      {hint && <span className="muted ad-hint">{hint}</span>}
    </label>
  );
}

/** What a refused answer says about each field; empty for any other error. */
export function fieldProblems(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  return Object.fromEntries((error.body.fields ?? []).map(({ field, message, why }) => [field.replace(/^body\./, ''), sentence(getLanguage(), message, why)]));
}

interface TableProps {
  /** One per column; a column of buttons has none. */
  heads: readonly (string | null)[];
  children: ReactNode;
}

/** A list of things, one row each. */
export function Table({ heads, children }: TableProps) {
  return (
    <div className="ad-scroll">
      <table className="ad-table" data-acts={heads.at(-1) === null || undefined}>
        <thead>
          <tr>
            {heads.map((head, i) => (head === null ? <td key={i} /> : <th key={head}>{head}</th>))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

interface AddProps {
  label: string;
  onClick: () => void;
  children?: ReactNode;
}

/** Above a list: the way to one more, and what else belongs there. */
export function AddBar({ label, onClick, children }: AddProps) {
  return (
    <div className="ad-head">
      <button type="button" className="button primary" onClick={onClick}>
        <Plus size={16} aria-hidden />
        {label}
      </button>
      {children}
    </div>
  );
}

export function EditButton({ onClick }: { onClick: () => void }) {
  const t = messages.use();
  return (
    <button type="button" className="button small" onClick={onClick}>
      <Pencil size={14} aria-hidden />
      {t('admin.edit')}
    </button>
  );
}

interface TextProps {
  label: string;
  hint?: string;
  value: string;
  onChange: (value: string) => void;
  type?: 'text' | 'password' | 'number';
  required?: boolean;
  disabled?: boolean;
  maxLength?: number;
  pattern?: string;
  /** What holds while it is empty. */
  placeholder?: string | undefined;
  problem?: string | undefined;
  testid?: string;
}

export function TextField({ label, hint, value, onChange, type = 'text', required, disabled, maxLength, pattern, placeholder, problem, testid }: TextProps) {
  return (
    <Field label={label} problem={problem} {...(hint ? { hint } : {})}>
      <input
        className="input"
        type={type}
        step={type === 'number' ? 'any' : undefined}
        autoComplete={type === 'password' ? 'new-password' : 'off'}
        value={value}
        required={required}
        disabled={disabled}
        maxLength={maxLength}
        pattern={pattern}
        placeholder={placeholder}
        aria-invalid={problem !== undefined || undefined}
        data-testid={testid}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  );
}

interface CheckProps {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

export function Check({ label, checked, onChange }: CheckProps) {
  return (
    <label className="ad-check">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
      <span>{label}</span>
    </label>
  );
}

/** A number field's text as a number, or null when it is empty. */
export function numberOrNull(text: string): number | null {
  return text.trim() === '' ? null : Number(text);
}
